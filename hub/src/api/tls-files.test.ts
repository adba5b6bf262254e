import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { sleep, systemClock } from "@sightline/shared";
import { ManualClock } from "@sightline/shared/testing";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { issueAuthority, issueLeaf } from "../admission/certificates/issue.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { createHttpServer } from "./http-server.ts";
import { followTlsFiles, readTlsFiles } from "./tls-files.ts";

interface Pem {
  cert: string;
  key: string;
}

let dir: string;
let first: Pem;
let second: Pem;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sightline-tls-"));
  const authority = await issueAuthority(systemClock.now());
  [first, second] = await Promise.all([issueLeaf(authority, ["localhost"], systemClock.now()), issueLeaf(authority, ["localhost"], systemClock.now())]);
  await put(first);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const files = (): { certFile: string; keyFile: string } => ({ certFile: join(dir, "tls.crt"), keyFile: join(dir, "tls.key") });

async function put({ cert, key }: Partial<Pem>): Promise<void> {
  if (cert !== undefined) await writeFile(files().certFile, cert);
  if (key !== undefined) await writeFile(files().keyFile, key);
}

describe("a listener's certificate", () => {
  it("is exchanged while it serves, once both files are there; whoever is connected stays so", async () => {
    const [clock, logger, ending] = [new ManualClock(), new RecordingLogger(), new AbortController()];
    const inForce = await readTlsFiles(files());
    const server = createHttpServer({ logger, accessLevel: "debug", tls: inForce });
    await server.listen({ host: "127.0.0.1", port: 0 });
    const following = followTlsFiles(server, { files: files(), inForce, clock, logger }, ending.signal);
    const port = portOf(server);
    const standing = await greet(port);
    expect(served(standing)).toBe(serial(first));

    await put({ cert: second.cert });
    await untilLooked(clock, () => logger.lines.some(({ message }) => message.includes("the new one is of no use")));
    await clock.advance(10_000);
    expect(await offered(port)).toBe(serial(first));

    await put({ key: second.key });
    await untilLooked(clock, () => logger.lines.some(({ message }) => message === "A listener has a new certificate"));
    expect(await offered(port)).toBe(serial(second));
    expect(standing.destroyed).toBe(false);
    standing.destroy();
    expect(logger.lines.filter(({ message }) => message.includes("of no use"))).toHaveLength(1);
    ending.abort();
    await following;
    await server.close();
  });

  it.each([
    ["no certificate", { cert: "text" }, "tls.crt holds no certificate in PEM"],
    ["no key", { key: "text" }, "tls.key holds no private key in PEM"],
  ])("names the file with %s", async (_what, change, sentence) => {
    await put(change);
    await expect(readTlsFiles(files())).rejects.toThrow(sentence);
  });

  it("names a key of another certificate, and a file that is not there", async () => {
    await put({ key: second.key });
    await expect(readTlsFiles(files())).rejects.toThrow(`${files().keyFile} is not the key of the certificate in ${files().certFile}`);
    await expect(readTlsFiles({ ...files(), keyFile: "/nowhere" })).rejects.toThrow("/nowhere cannot be read: ENOENT");
  });
});

/** Moves the clock until a look has been taken: reading files takes real time. */
async function untilLooked(clock: ManualClock, seen: () => boolean): Promise<void> {
  while (!seen()) {
    await clock.advance(1000);
    await sleep(systemClock, 1);
  }
}

async function greet(port: number): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  return socket;
}

/** What a new connection is shown. */
async function offered(port: number): Promise<string> {
  const socket = await greet(port);
  const serialNumber = served(socket);
  socket.destroy();
  return serialNumber;
}

function portOf({ server }: FastifyInstance): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

function served(socket: TLSSocket): string {
  return socket.getPeerCertificate().serialNumber;
}

function serial({ cert }: Pem): string {
  return new X509Certificate(cert).serialNumber;
}
