import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { waitUntil } from "../../kit/wait.ts";
import { readState, startNats, startSandbox, takeDown } from "../../sandbox/mod.ts";
import { needsServers } from "../../sandbox/test-needs.ts";
import { pidsOf, processesOf, runCli, SERVERS_ONLY, testFolders, untilNothingRuns } from "./support.ts";

const servers = { clusters: [{ name: "eu-1" }], hubs: 0, agents: false } as const;

describe("a sandbox", () => {
  needsServers();
  const folder = testFolders();

  it("runs on after up --detach, each part in a process group of its own, and is gone after down", async () => {
    const dir = folder("one");
    const up = runCli("up", "--dir", dir, ...SERVERS_ONLY, "--detach");
    expect([await up.status, up.output()]).toEqual([0, expect.stringContaining("The sandbox is up after")]);
    const state = await readState(path.join(dir, "sandbox.json"));
    expect(state.state).toBe("up");
    expect(state.parts.map(({ name }) => name).toSorted()).toEqual(["etcd", "kube-apiserver", "nats-server"]);
    const running = await processesOf(dir);
    expect(pidsOf(running)).toEqual(pidsOf(state.parts));
    expect(running.every(({ pid, group }) => pid === group)).toBe(true);

    const down = runCli("down", "--dir", dir);
    expect(await down.status).toBe(0);
    expect(await processesOf(dir)).toEqual([]);
    expect(down.output()).toContain(`Nothing of a sandbox runs in ${dir}.`);
    expect((await readState(path.join(dir, "sandbox.json"))).state).toBe("down");
  });

  it.each(["SIGINT", "SIGTERM"] as const)("in the foreground ends at %s, and so does all of it", async (signal) => {
    const dir = folder("one");
    const up = runCli("up", "--dir", dir, ...SERVERS_ONLY);
    await waitUntil({ what: "the sandbox", timeoutMs: 60_000 }, () => up.output().includes("Ctrl-C ends it."));
    process.kill(up.pid, signal);
    expect(await up.status).toBe(0);
    await untilNothingRuns(dir);
  });

  it("that is interrupted in the middle of its start leaves nothing", async () => {
    const dir = folder("one");
    const up = runCli("up", "--dir", dir, ...SERVERS_ONLY);
    await waitUntil({ what: "the first part", timeoutMs: 60_000, everyMs: 5 }, async () => (await processesOf(dir)).some(({ command }) => command.includes("--name=sandbox")));
    process.kill(up.pid, "SIGINT");
    expect([await up.status, up.output()]).toEqual([130, expect.stringContaining("Interrupted")]);
    await untilNothingRuns(dir);
  });

  it("is ended by down from another terminal while its keeper waits", async () => {
    const dir = folder("one");
    const up = runCli("up", "--dir", dir, ...SERVERS_ONLY);
    await waitUntil({ what: "the sandbox", timeoutMs: 60_000 }, () => up.output().includes("Ctrl-C ends it."));
    expect((await takeDown(dir)).ended.toSorted()).toEqual(["etcd", "kube-apiserver", "nats-server"]);
    expect(await up.status).toBe(0);
    await untilNothingRuns(dir);
  });

  it("runs beside another one, and each folder holds one", async () => {
    await using first = await startSandbox({ dir: folder("one"), ...servers });
    await using second = await startSandbox({ dir: folder("two"), ...servers });
    expect(second.state.kubeApi).not.toBe(first.state.kubeApi);
    expect(await first.kube.client.isReady()).toBe(true);
    const again = runCli("up", "--dir", first.dir, ...SERVERS_ONLY);
    expect([await again.status, again.output()]).toEqual([1, expect.stringContaining("end it with: pnpm sandbox down --dir")]);
    await second.stop();
    expect(await processesOf(second.dir)).toEqual([]);
    expect(await first.kube.client.isReady()).toBe(true);
  });

  it("refuses a folder that holds other files, and leaves them alone", async () => {
    const dir = folder("one");
    await startNats({ dir, clusters: [] }).then((nats) => nats.stop());
    const mine = path.join(dir, "..", "mine.txt");
    await writeFile(mine, "mine");
    const up = runCli("up", "--dir", path.join(dir, ".."), ...SERVERS_ONLY);
    expect([await up.status, up.output()]).toEqual([1, expect.stringContaining("holds other files than a sandbox's")]);
    expect(await readFile(mine, "utf8")).toBe("mine");
  });

  it("starts afresh in the folder of one that ended", async () => {
    const dir = folder("one");
    await startSandbox({ dir, ...servers }).then((sandbox) => sandbox.stop());
    await using again = await startSandbox({ dir, clusters: [{ name: "us-1" }], hubs: 0, agents: false });
    const items = JSON.stringify(await again.kube.client.get("apis/monitoring.example.com/v1/clusterregistrations"));
    expect(items).toContain('"us-1"');
    expect(items).not.toContain('"eu-1"');
  });
});
