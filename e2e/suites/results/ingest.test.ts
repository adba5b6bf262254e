import { newSigningKey } from "@sightline/shared/identity";
import { commitBatch, type NatsConnection, reconcileStreams, signedHeaders } from "@sightline/shared/nats";
import { CHECKPOINT_STREAM, checkpointChunkSubject, checkpointSubject, encodeCheckpoint, encodeResultBatch, PARKED_STREAM, partitionOf, RESULT_STREAM, resultEvent, resultSubject } from "@sightline/shared/wire";
import { afterEach, describe, expect, it } from "vitest";

import { CheckpointFile } from "../../../hub/src/results/checkpoint.ts";
import { pairOf } from "../../../hub/src/results/pair-state.ts";
import { waitUntil } from "../../kit/wait.ts";
import { natsBench, uidOf } from "../assignments/support.ts";
import { CLUSTERS, history, HUB_KEY, isKnown, keyOf, probe, publish, send, startHub, stopHubs, streamInfo, UIDS } from "./support.ts";

afterEach(stopHubs);

/** Results from the stream into the store, across crashes of the hub, on a real server. */
describe("ingest", () => {
  const bench = natsBench();

  it("has the effect of each result once, wherever the hub dies, and is caught up only when all is read", async () => {
    const connection = await bench.connect();
    const whole = history(200);
    let changes = 0;
    for (const part of [whole.slice(0, 70), whole.slice(70, 75), whole.slice(75, 150), whole.slice(150)]) {
      const hub = await startHub(bench);
      // Duplicates and reordering within what one hub sees; the next hub sees some of it again.
      for (const result of [...part, ...part.slice(-5).toReversed()]) await publish(connection, result);
      await waitUntil({ what: "the results", timeoutMs: 10_000, everyMs: 5 }, () => part.every((result) => isKnown(hub.store, result)));
      await hub.kill();
      changes += hub.changes.length;
    }
    const last = await startHub(bench);
    expect(last.pipeline.caughtUp).toBe(true);
    for (const uid of UIDS) {
      for (const cluster of CLUSTERS) {
        const newest = whole.filter(({ result, cluster: from }) => result.uid === uid && from === cluster).at(-1);
        expect(last.store.pairs(uid).get(cluster)?.sequence).toBe(newest?.result.sequence);
      }
    }
    expect(changes).toBeGreaterThan(0);
  });

  it("goes on from the checkpoint, not from the start", async () => {
    const connection = await bench.connect();
    const first = await startHub(bench);
    for (const result of history(50)) await publish(connection, result);
    await waitUntil({ what: "the results", timeoutMs: 10_000 }, () => first.count("ingested") === 50);
    first.settleAll();
    await first.stop();
    const second = await startHub(bench);
    expect(second.count("ingested")).toBe(0);
    expect(second.count("old")).toBe(0);
    expect(second.store.size).toBe(first.store.size);
  });

  it.each([
    ["a chunk is damaged", (connection: NatsConnection, partition: number) => connection.request(checkpointChunkSubject(partition, 0), "rubbish")],
    ["the manifest is damaged", (connection: NatsConnection, partition: number) => connection.request(checkpointSubject(partition), "rubbish")],
    ["all checkpoints are gone", (connection: NatsConnection) => connection.request(`$JS.API.STREAM.PURGE.${CHECKPOINT_STREAM}`)],
  ])("reads everything again when %s", async (_what, damage) => {
    const connection = await bench.connect();
    const first = await startHub(bench);
    const whole = history(50);
    for (const result of whole) await publish(connection, result);
    await waitUntil({ what: "the results", timeoutMs: 10_000 }, () => first.count("ingested") === 50);
    first.settleAll();
    await first.stop();
    await damage(connection, partitionOf(UIDS[0] ?? ""));
    const second = await startHub(bench);
    expect(whole.every((result) => isKnown(second.store, result))).toBe(true);
    await waitUntil({ what: "a good checkpoint", timeoutMs: 5000 }, async () => Number(await streamInfo(connection, CHECKPOINT_STREAM, "messages")) >= 2);
  });

  it("goes on when the results stream is deleted and made again", async () => {
    const connection = await bench.connect();
    const hub = await startHub(bench);
    for (const result of history(30)) await publish(connection, result);
    await waitUntil({ what: "the results", timeoutMs: 10_000 }, () => hub.count("ingested") === 30);
    await connection.request(`$JS.API.STREAM.DELETE.${RESULT_STREAM}`);
    await reconcileStreams(connection, 1);
    const next = { cluster: "eu-1", result: probe(UIDS[0] ?? "", 1000, true) };
    await publish(connection, next);
    await waitUntil({ what: "the next result", timeoutMs: 10_000 }, () => isKnown(hub.store, next));
  });

  it("parks what it cannot read, and takes the rest", async () => {
    const connection = await bench.connect();
    const hub = await startHub(bench);
    const uid = UIDS[0] ?? "";
    const subject = resultSubject(partitionOf(uid), "eu-1");
    const text = (of: string): Promise<void> => send(connection, "eu-1", subject, new TextEncoder().encode(of));
    await text("rubbish");
    await text("{}");
    // As large as a message may be: what is parked carries headers on top, and must still fit.
    await text("x".repeat(1_048_000));
    const good = { cluster: "eu-1", result: probe(uid, 7, false) };
    const mixed = [resultEvent("eu-1", good.result), { ...resultEvent("eu-1", good.result), type: "com.example.other" }];
    await send(connection, "eu-1", subject, encodeResultBatch(mixed));
    await publish(connection, { cluster: "eu-1", result: probe(uid, 8, true), source: "us-1" });
    await publish(connection, { cluster: "eu-1", result: { ...probe(uid, 9, true), checkHash: "old" } });
    await waitUntil({ what: "the good one", timeoutMs: 10_000 }, () => isKnown(hub.store, good) && hub.count("unknown_check") === 1);
    expect(hub.count("foreign_cluster")).toBe(1);
    expect(hub.store.pairs(uid).get("eu-1")?.sequence).toBe(7);
    await waitUntil({ what: "the parked messages", timeoutMs: 5000 }, async () => (await streamInfo(connection, PARKED_STREAM, "messages")) === 4);
    expect(hub.count("parked")).toBe(4);
    await hub.stop();
  });

  it("is given up by the owner that another process has replaced", async () => {
    const connection = await bench.connect();
    const one = await startHub(bench);
    await publish(connection, { cluster: "eu-1", result: probe(UIDS[0] ?? "", 1, true) });
    const two = await startHub(bench);
    await waitUntil({ what: "the second owner's checkpoints", timeoutMs: 10_000 }, async () => {
      await publish(connection, { cluster: "eu-1", result: probe(UIDS[0] ?? "", Math.floor(performance.now()), true) });
      return one.lost.length + two.lost.length > 0;
    });
    expect(Math.min(one.lost.length, two.lost.length)).toBe(0);
  });

  it("stores a checkpoint of many chunks, and a smaller one after it", async () => {
    const connection = await bench.connect();
    const file = new CheckpointFile(connection, 3, { owner: "a", signing: HUB_KEY, timeoutMs: 5000 });
    const state = pairOf(probe(UIDS[0] ?? "", 1, true), { storedAt: 1, clockOffsetMs: 0 });
    const pairs = Array.from({ length: 8000 }, (_none, index) => ({ uid: uidOf(index), cluster: "eu-1", state }));
    for (const count of [8000, 10, 8000]) {
      const checkpoint = { created: "x", sequence: count, storedAt: 0, pairs: pairs.slice(0, count) };
      expect(await file.save(checkpoint)).toEqual({ kind: "saved" });
      expect(await new CheckpointFile(connection, 3, { owner: "b", signing: HUB_KEY, timeoutMs: 5000 }).load()).toEqual(checkpoint);
    }
    const rival = new CheckpointFile(connection, 3, { owner: "b", signing: HUB_KEY, timeoutMs: 5000 });
    await rival.load();
    expect(await rival.save({ created: "x", sequence: 1, storedAt: 0, pairs: [] })).toEqual({ kind: "saved" });
    expect(await file.save({ created: "x", sequence: 2, storedAt: 0, pairs: [] })).toEqual({ kind: "lost" });
    expect(await commitBatch(connection, [{ subject: checkpointSubject(3), payload: null }], 5000)).toMatchObject({ kind: "committed" });
    expect(await rival.save({ created: "x", sequence: 2, storedAt: 0, pairs: [] })).toMatchObject({ kind: "failed" });
    expect(await rival.save({ created: "x", sequence: 2, storedAt: 0, pairs: [] })).toEqual({ kind: "saved" });
  });
});

describe("a hub that is told lies", () => {
  const bench = natsBench();

  it("refuses and parks what a cluster's agent has not signed, counts it by reason, and takes the rest", async () => {
    const connection = await bench.connect();
    const hub = await startHub(bench);
    const uid = UIDS[0] ?? "";
    const subject = resultSubject(partitionOf(uid), "eu-1");
    const forged = encodeResultBatch([resultEvent("eu-1", probe(uid, 100, false))]);
    await connection.request(subject, forged);
    await send(connection, "us-1", subject, forged);
    await connection.request(subject, forged, { timeout: 5000, headers: signedHeaders(keyOf("eu-1"), resultSubject(partitionOf(uid), "us-1"), forged) });
    const stranger = resultSubject(partitionOf(uid), "ap-1");
    await send(connection, "eu-1", stranger, forged);
    const good = { cluster: "eu-1", result: probe(uid, 7, true) };
    await publish(connection, good);
    await waitUntil({ what: "the good one", timeoutMs: 10_000 }, () => isKnown(hub.store, good));
    expect(["unsigned", "bad_signature", "unknown_key", "ingested", "parked"].map((what) => hub.count(what))).toEqual([1, 2, 1, 1, 0]);
    expect(hub.store.pairs(uid).get("eu-1")).toMatchObject({ sequence: 7, success: true });
    expect([...hub.store.pairs(uid).keys()]).toEqual(["eu-1"]);
    await waitUntil({ what: "the parked messages", timeoutMs: 5000 }, async () => (await streamInfo(connection, PARKED_STREAM, "messages")) === 4);
  });

  it.each<[string, (subject: string, payload: Uint8Array) => ReturnType<typeof signedHeaders> | undefined]>([
    ["nobody", () => undefined],
    ["another key", (subject, payload) => signedHeaders(newSigningKey("hub").key, subject, payload)],
    ["a hub, for another partition", (_subject, payload) => signedHeaders(HUB_KEY, checkpointSubject(0), payload)],
  ])("takes a checkpoint that is signed by %s neither for an owner's nor for what is known, and writes over it", async (_who, headersOf) => {
    const connection = await bench.connect();
    const uid = UIDS[0] ?? "";
    const partition = partitionOf(uid);
    expect(partition).not.toBe(0);
    const state = { ...pairOf(probe(uid, 100, true), { storedAt: Date.now(), clockOffsetMs: 0 }), agentEpoch: Date.now() };
    const forge = async (): Promise<void> => {
      for (const { subject, payload } of encodeCheckpoint(partition, "forger", { created: "", sequence: 1, storedAt: 0, pairs: [{ uid, cluster: "eu-1", state }] })) {
        const headers = headersOf(subject, payload);
        await connection.request(subject, payload, { timeout: 5000, ...(headers === undefined ? {} : { headers }) });
      }
    };
    const isWrittenOver = async (): Promise<boolean> => (await new CheckpointFile(connection, partition, { owner: "reader", signing: HUB_KEY, timeoutMs: 5000 }).load()) !== undefined;
    const first = await startHub(bench);
    await forge();
    const failed = { cluster: "eu-1", result: probe(uid, 7, false) };
    await publish(connection, failed);
    await waitUntil({ what: "the hub's checkpoint", timeoutMs: 10_000 }, isWrittenOver);
    expect(first.lost).toEqual([]);
    await first.stop();
    await forge();
    const second = await startHub(bench);
    expect(second.store.pairs(uid).get("eu-1")).toMatchObject({ sequence: 7, success: false });
    expect(second.lost).toEqual([]);
    expect(await isWrittenOver()).toBe(true);
  });

  it("lets nobody repair the present by storing old batches again, with their own signatures", async () => {
    const connection = await bench.connect();
    const hub = await startHub(bench);
    const [uid, other] = [UIDS[0] ?? "", UIDS[1] ?? ""];
    const old = { cluster: "eu-1", result: probe(uid, 7, true) };
    const present = { cluster: "eu-1", result: probe(uid, 8, false) };
    for (const sent of [old, present, old, old, { cluster: "eu-1", result: probe(other, 9, true) }]) await publish(connection, sent);
    await waitUntil({ what: "all of them", timeoutMs: 10_000 }, () => hub.count("ingested") === 3 && hub.count("old") === 2);
    expect(hub.store.pairs(uid).get("eu-1")).toMatchObject({ sequence: 8, success: false });
  });
});

describe("a hub that reads results again", () => {
  const bench = natsBench();

  it("traces and tells of what is new, and of nothing that it only reads again", async () => {
    const connection = await bench.connect();
    const first = await startHub(bench);
    for (const result of history(50)) await publish(connection, result);
    await waitUntil({ what: "the results", timeoutMs: 10_000 }, () => first.count("ingested") === 50);
    expect([first.count("traced"), first.count("told at info")]).toEqual([50, 17]);
    await first.kill();
    await connection.request(`$JS.API.STREAM.PURGE.${CHECKPOINT_STREAM}`);
    const second = await startHub(bench);
    expect(["ingested", "traced", "told at info", "told at debug"].map((what) => second.count(what))).toEqual([50, 0, 0, 17]);
    await publish(connection, { cluster: "eu-1", result: probe(UIDS[1] ?? "", 100, false) });
    await waitUntil({ what: "the next result", timeoutMs: 10_000 }, () => second.count("ingested") === 51);
    expect([second.count("traced"), second.count("told at info")]).toEqual([1, 1]);
  });
});
