import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nkeys } from "nats";
import { describe, expect, it } from "vitest";
import { encodeHead } from "../wire/head.ts";
import { credsFile } from "./credentials.ts";
import { credsLike } from "./testing.ts";
import { headReport, inspectNats } from "./inspector.ts";

describe("a look at NATS", () => {
  it("waits no longer for a server that says nothing than it is told to", async () => {
    const dir = await mkdtemp(join(tmpdir(), "inspector-"));
    const file = join(dir, "user.creds");
    await writeFile(file, credsLike(new TextDecoder().decode(nkeys.createUser().getSeed())));
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const begun = performance.now();
    await expect(inspectNats({ servers: [`127.0.0.1:${port}`], credentials: credsFile(file), name: "test", timeoutMs: 200 })).rejects.toMatchObject({ code: "NATS_UNAVAILABLE" });
    expect(performance.now() - begun).toBeLessThan(3000);
    server.close();
    await rm(dir, { recursive: true });
  });
});

describe("the report on a head", () => {
  const stored = { sequence: 1, storedAt: 5 };
  const head = { epoch: 2, generation: 3, count: 0, checksum: "0".repeat(64), settings: { region: "", heartbeatIntervalMs: 1000 } };

  it.each([
    ["nothing of one that is not there", undefined, undefined],
    ["nothing of one that was deleted", { ...stored, payload: null }, undefined],
    ["its position", { ...stored, payload: encodeHead("eu-1", head) }, { cluster: "eu-1", position: { epoch: 2, generation: 3 }, storedAt: 5 }],
    ["why it cannot be read", { ...stored, payload: Buffer.from("?") }, { cluster: "eu-1", position: undefined, storedAt: 5, unreadable: expect.stringMatching(/./) as unknown }],
  ])("says %s", (_what, message, report) => expect(headReport("eu-1", message)).toEqual(report));
});
