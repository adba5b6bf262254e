import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { headsSignedBy, newSigningKey, signMessage } from "@sightline/shared/identity";
import { type CompleteSet, digestShare, SetDigest } from "@sightline/shared/protocol";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { assignmentSubject, encodeHead, headSubject } from "@sightline/shared/wire";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SetStore } from "./set-store.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sightline-set-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function setOf(cluster: string, count: number, generation = 1, signer = hub): CompleteSet {
  const digest = new SetDigest();
  const payloads = new Map<string, Uint8Array>();
  for (let n = 0; n < count; n++) {
    const subject = assignmentSubject(cluster, `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
    const payload = new Uint8Array([n, 0xff, 0x00, 0x0a]); // Not UTF-8: bytes must come back as they were.
    digest.add(digestShare(subject, payload));
    payloads.set(subject, payload);
  }
  const head = { epoch: 1, generation, ...digest.summary, settings: { region: "r", heartbeatIntervalMs: 1000 } };
  const payload = encodeHead(cluster, head);
  return { head, signed: { payload, signature: signMessage(signer, headSubject(cluster), payload) }, payloads };
}

const clock = new ManualClock();
const hub = newSigningKey("hub").key;
const isAuthentic = headsSignedBy(() => [hub.publicKey]);
const storeIn = (cluster = "eu-1"): SetStore => new SetStore(directory, { cluster, isAuthentic, clock, log: silentLogger });

async function save(store: SetStore, ...sets: CompleteSet[]): Promise<void> {
  for (const set of sets) store.save(set);
  await store.flush();
}

/** Payloads as plain arrays: a read one is a view on a shared buffer. */
function plain(set: CompleteSet | undefined): unknown {
  return set && { head: set.head, signed: [[...set.signed.payload], set.signed.signature], payloads: [...set.payloads].map(([subject, payload]) => [subject, [...payload]]) };
}

describe("the set on disk", () => {
  it("comes back byte for byte", async () => {
    await save(storeIn(), setOf("eu-1", 20));
    expect(plain(await storeIn().load())).toEqual(plain(setOf("eu-1", 20)));
  });

  it("is none at first", async () => {
    expect(await storeIn().load()).toBeUndefined();
  });

  it("is the newest of several that were saved at once, and leaves no other file", async () => {
    const store = storeIn();
    await save(store, ...[1, 2, 3, 4].map((generation) => setOf("eu-1", 3, generation)));
    expect((await storeIn().load())?.head.generation).toBe(4);
    expect(await readdir(directory)).toEqual(["assignments.json"]);
  });

  it("is written at once, and not again before a second has gone by: then it is the newest", async () => {
    const store = storeIn();
    const onDisk = async (): Promise<number | undefined> => (await storeIn().load())?.head.generation;
    store.save(setOf("eu-1", 3, 1));
    await vi.waitFor(async () => expect(await onDisk()).toBe(1));
    for (const generation of [2, 3]) store.save(setOf("eu-1", 3, generation));
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    await clock.advance(999);
    expect(await onDisk()).toBe(1);
    await clock.advance(1);
    await vi.waitFor(async () => expect(await onDisk()).toBe(3));
    await store.flush();
  });

  it("is written again when it could not be, until it is", async () => {
    const path = join(directory, "later");
    const store = new SetStore(path, { cluster: "eu-1", isAuthentic, clock, log: silentLogger });
    store.save(setOf("eu-1", 3));
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    await mkdir(path);
    await clock.advance(1000);
    await store.flush();
    expect(await readdir(path)).toEqual(["assignments.json"]);
  });

  it.each([
    ["torn", (path: string) => truncate(path, 300)],
    ["empty", (path: string) => truncate(path, 0)],
    ["no set", (path: string) => writeFile(path, "[1]")],
    ["edited", async (path: string) => writeFile(path, (await readFile(path, "utf8")).replace("AP8ACg==", "AP8ACw=="))],
  ])("is set aside when it is %s", async (_what, damage) => {
    await save(storeIn(), setOf("eu-1", 5));
    await damage(join(directory, "assignments.json"));
    expect(await storeIn().load()).toBeUndefined();
    expect(await readdir(directory)).toEqual(["assignments.json.unusable"]);
  });

  it("is set aside when it is another cluster's", async () => {
    await save(storeIn("us-1"), setOf("us-1", 5));
    expect(await storeIn("eu-1").load()).toBeUndefined();
  });

  it("is set aside when the hub did not sign its head: a whole set of somebody's own must not be probed by", async () => {
    await save(storeIn(), setOf("eu-1", 5, 9, newSigningKey("hub").key));
    expect(await storeIn().load()).toBeUndefined();
    expect(await readdir(directory)).toEqual(["assignments.json.unusable"]);
  });

  it("is still believed while the hub's key is being exchanged", async () => {
    await save(storeIn(), setOf("eu-1", 5));
    const keys = [newSigningKey("hub").key.publicKey, hub.publicKey];
    const store = new SetStore(directory, { cluster: "eu-1", isAuthentic: headsSignedBy(() => keys), clock, log: silentLogger });
    expect((await store.load())?.payloads.size).toBe(5);
  });
});
