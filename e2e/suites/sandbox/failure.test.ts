import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { freePorts } from "../../kit/ports.ts";
import { processIdentity } from "../../kit/process.ts";
import { waitUntil } from "../../kit/wait.ts";
import { PartDiedError, readState, startNats, startSandbox, takeDown } from "../../sandbox/mod.ts";
import { needsServers } from "../../sandbox/test-needs.ts";
import { processesOf, runCli, SERVERS_ONLY, testFolders, untilNothingRuns } from "./support.ts";

const servers = { clusters: [{ name: "eu-1" }], hubs: 0, agents: false } as const;

async function takenPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a listening server has a port");
  return { port: address.port, [Symbol.asyncDispose]: async () => void (await once(server.close(), "close")) };
}

describe("a sandbox in trouble", () => {
  needsServers();
  const folder = testFolders();

  it("goes with its keeper, even when that is killed and can do nothing more", async () => {
    const dir = folder("one");
    const up = runCli("up", "--dir", dir, ...SERVERS_ONLY);
    await waitUntil({ what: "the sandbox", timeoutMs: 60_000 }, () => up.output().includes("Ctrl-C ends it."));
    process.kill(up.pid, "SIGKILL");
    await untilNothingRuns(dir);
  });

  it("is ended by down when sandbox.json is half there and a part has died", async () => {
    const dir = folder("one");
    expect(await runCli("up", "--dir", dir, ...SERVERS_ONLY, "--detach").status).toBe(0);
    const file = path.join(dir, "sandbox.json");
    const { parts } = await readState(file);
    await writeFile(file, (await readFile(file, "utf8")).slice(0, 200));
    const etcd = parts.find(({ name }) => name === "etcd");
    process.kill(etcd?.pid ?? 0, "SIGKILL");
    // Not by its command line: a process that is ending has lost that before it has ended.
    await waitUntil({ what: "the end of etcd", timeoutMs: 10_000 }, async () => (await processIdentity(etcd?.pid ?? 0)) === undefined);
    const { ended, gone } = await takeDown(dir);
    expect([ended.toSorted(), gone]).toEqual([["kube-apiserver", "nats-server"], ["etcd"]]);
    expect(await processesOf(dir)).toEqual([]);
    expect(await takeDown(dir)).toEqual({ ended: [], gone: [] });
  });

  it("names a part that dies in the foreground, with the tail of its log, and ends the rest", async () => {
    const dir = folder("one");
    const up = runCli("up", "--dir", dir, ...SERVERS_ONLY);
    await waitUntil({ what: "the sandbox", timeoutMs: 60_000 }, () => up.output().includes("Ctrl-C ends it."));
    const nats = (await readState(path.join(dir, "sandbox.json"))).parts.find(({ name }) => name === "nats-server");
    process.kill(nats?.pid ?? 0, "SIGKILL");
    expect(await up.status).toBe(1);
    expect(up.output()).toMatch(/nats-server ended unexpectedly \(signal SIGKILL\)\. The last lines of its log:\n.*Server is ready/s);
    await untilNothingRuns(dir);
  });

  it("whose start fails because every port is taken names the part with its log, and leaves nothing", async () => {
    const dir = folder("one");
    await using taken = await takenPort();
    const ports = async (count: number): Promise<number[]> => [taken.port, ...(await freePorts(count))].slice(0, count);
    const start = startSandbox({ dir, ...servers, ports });
    await expect(start).rejects.toThrow(PartDiedError);
    await expect(start).rejects.toThrow(/^(etcd|nats-server) ended unexpectedly \(exit code \d+\)\. The last lines of its log:\n.*address already in use/s);
    await untilNothingRuns(dir);
  });

  it("takes other ports when one is taken between its choice and its use", async () => {
    await using taken = await takenPort();
    let asked = 0;
    const ports = async (count: number): Promise<number[]> => (asked++ === 0 ? [taken.port, ...(await freePorts(count))].slice(0, count) : await freePorts(count));
    await using nats = await startNats({ dir: folder("one"), clusters: ["eu-1"], ports });
    expect(asked).toBe(2);
    expect(nats.nats.url).not.toContain(`:${taken.port}`);
  });
});
