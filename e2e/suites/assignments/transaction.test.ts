import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { commitBatch, type NatsConnection } from "@sightline/shared/nats";
import { AssignmentMirror, planBatch } from "@sightline/shared/protocol";
import { ASSIGNMENT_STREAM, headSubject } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";

import { transact } from "../../../hub/src/assignments/transaction.ts";
import { at } from "../../kit/json.ts";
import { isTestHubs, signAsTestHub } from "../../kit/test-keys.ts";
import { waitUntil } from "../../kit/wait.ts";
import { changeOf, clusterNames, planFor, uidOf } from "./changes.ts";
import { natsBench, urlsOf, withRequests } from "./support.ts";

const DYING_WRITER = fileURLToPath(new URL("dying-writer.ts", import.meta.url));

/** The transaction across clusters, on a real server: all of a change stands, or none of it. */
describe("a change of one monitor", () => {
  const bench = natsBench();
  const [A, B, C] = [uidOf(1), uidOf(2), uidOf(3)];

  it.each([3, 50, 500])("is stored for none of %d clusters when one head is not the expected one", async (count) => {
    const connection = await bench.connect();
    const observer = await bench.observe();
    const clusters = clusterNames(count);
    const changes = [A, B].map((uid) => changeOf(uid, "http://a/", clusters));
    const plan = planBatch(new AssignmentMirror(isTestHubs), changes, [], { epoch: 1, settings: () => ({ region: "r", heartbeatIntervalMs: 1000 }), sign: signAsTestHub });
    expect(plan.messages).toHaveLength(count * 3);
    const spoiled = plan.messages.map((message) => (message.subject === headSubject(clusters[count >> 1] ?? "") ? { ...message, expectedLastSequence: 7 } : message));
    expect(await commitBatch(connection, spoiled, 5000)).toMatchObject({ kind: "refused", code: 10071 });
    expect(await storedMessages(connection)).toBe(0);
    expect(await commitBatch(connection, plan.messages, 5000)).toEqual({ kind: "committed", lastSequence: count * 3 });
    expect(await storedMessages(connection)).toBe(count * 3);
    await waitUntil({ what: "every cluster to run both", timeoutMs: 10_000 }, () => clusters.every((cluster) => Object.keys(observer.runs(cluster)).length === 2));
    expect(observer.accepted.map(({ cluster }) => cluster).toSorted()).toEqual(clusters.toSorted());
    for (const { set } of observer.accepted) expect(Object.keys(urlsOf(set)).toSorted()).toEqual([A, B]);
  });

  it.each([3, 50, 500])("to %d clusters leaves no trace when its writer is killed before the commit", async (count) => {
    const connection = await bench.connect();
    const observer = await bench.observe();
    const { url, caFile, hubCredsFile } = bench.nats().nats;
    const dead = spawnSync(process.execPath, [DYING_WRITER, url, hubCredsFile, caFile, String(count)], { encoding: "utf8" });
    expect([dead.signal, dead.stderr]).toEqual(["SIGKILL", ""]);
    const clusters = clusterNames(count);
    const writer = await bench.writer({ connection });
    expect(await storedMessages(connection)).toBe(0);
    await writer.apply(changeOf(B, "http://b/", clusters));
    await waitUntil({ what: "the successor's change everywhere", timeoutMs: 10_000 }, () => clusters.every((cluster) => B in observer.runs(cluster)));
    for (const { set } of observer.accepted) expect(urlsOf(set)).toEqual({ [B]: "http://b/" });
  });

  it("is known to stand when the commit's answer was lost", async () => {
    const connection = await bench.connect();
    let lost = 0;
    const losing = withRequests(connection, async (send, subject) => {
      const answer = await send();
      if (!subject.startsWith("$KV.") || lost++ > 0) return answer;
      throw new Error("timeout");
    });
    const writer = await bench.writer({ connection: losing });
    await writer.apply(changeOf(A, "http://a/", ["eu-1", "us-1"]));
    expect([...writer.clustersOf(A)]).toEqual(["eu-1", "us-1"]);
    expect(await lastSequence(connection)).toBe(4);
    expect(lost).toBe(1);
  });

  it("is settled by the batch ID that is stored, when the answer was lost", async () => {
    const connection = await bench.connect();
    const answerLost = withRequests(connection, async (send, subject) => {
      const answer = await send();
      return subject.startsWith("$KV.") ? Promise.reject(new Error("timeout")) : answer;
    });
    const commitLost = withRequests(connection, (send, subject) => (subject.startsWith("$KV.") ? Promise.reject(new Error("timeout")) : send()));
    expect(await transact(commitLost, planFor(A, ["eu-1", "us-1"]), 5000)).toEqual({ kind: "absent", description: "timeout" });
    expect(await transact(answerLost, planFor(A, ["eu-1", "us-1"]), 5000)).toEqual({ kind: "committed", lastSequence: 4 });
    const deaf = withRequests(connection, () => Promise.reject(new Error("timeout")));
    expect(await transact(deaf, planFor(A, ["eu-1", "us-1"]), 5000)).toMatchObject({ kind: "unsettled" });
  });

  it("is planned again, and stored once, when the commit itself was lost", async () => {
    const connection = await bench.connect();
    let lost = 0;
    const losing = withRequests(connection, (send, subject) => {
      if (!subject.startsWith("$KV.") || lost++ > 0) return send();
      return Promise.reject(new Error("timeout"));
    });
    const writer = await bench.writer({ connection: losing });
    expect(await writer.apply(changeOf(A, "http://a/", ["eu-1", "us-1"]))).toMatchObject({ wrote: true });
    expect([...writer.clustersOf(A)]).toEqual(["eu-1", "us-1"]);
    expect(await lastSequence(connection)).toBe(4);
  });

  it("tells who had to be written, of those in a batch", async () => {
    const writer = await bench.writer({});
    await writer.apply(changeOf(A, "http://a/", ["eu-1"]));
    const [same, added, absent] = await Promise.all([
      writer.apply(changeOf(A, "http://a/", ["eu-1"])),
      writer.apply(changeOf(B, "http://b/", ["eu-1"])),
      writer.apply(changeOf(C, "http://c/", [])),
    ]);
    expect([same.wrote, added.wrote, absent.wrote]).toEqual([false, true, false]);
    expect(await writer.apply(changeOf(A, "http://a/", []))).toMatchObject({ wrote: true });
  });

  it("shares its batch with others, and is alone to blame when it is too large", async () => {
    const connection = await bench.connect();
    const writer = await bench.writer({ connection, limits: { maxMessages: 100, maxBytes: 1_000_000 } });
    const outcomes = await Promise.allSettled([
      writer.apply(changeOf(A, "http://a/", clusterNames(10))),
      writer.apply(changeOf(B, "http://b/", clusterNames(51))),
      writer.apply(changeOf(C, "http://c/", clusterNames(50))),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({
      reason: { code: "TOO_MANY_CLUSTERS", retryable: false, message: "failed to apply to cluster c-0 (and 50 more): 102 messages are more than one transaction holds (100)" },
    });
    expect(writer.clustersOf(B).size).toBe(0);
    expect(writer.clustersOf(C).size).toBe(50);
  });

  it("of 5,000 clusters fits, of 5,001 is refused by name, and what ran goes on", async () => {
    const writer = await bench.writer({});
    await writer.apply(changeOf(A, "http://a/", clusterNames(5000)));
    expect(writer.clustersOf(A).size).toBe(5000);
    await expect(writer.apply(changeOf(A, "http://other/", clusterNames(5001)))).rejects.toMatchObject({ code: "TOO_MANY_CLUSTERS" });
    expect(writer.clustersOf(A).size).toBe(5000);
  });
});

async function storedMessages(connection: NatsConnection): Promise<number> {
  return Number(at(await streamState(connection), "messages"));
}

async function lastSequence(connection: NatsConnection): Promise<number> {
  return Number(at(await streamState(connection), "last_seq"));
}

async function streamState(connection: NatsConnection): Promise<unknown> {
  const answer = await connection.request(`$JS.API.STREAM.INFO.${ASSIGNMENT_STREAM}`);
  return at(answer.json<unknown>(), "state");
}
