import { canonicalJson } from "@sightline/shared";
import type { NatsConnection } from "@sightline/shared/nats";
import { ASSIGNMENT_STREAM, assignmentSubject, encodeAssignment, headSubject } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";

import type { StreamAssignmentWriter } from "../../../hub/src/assignments/assignment-writer.ts";
import { at } from "../../kit/json.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type Bench, changeOf, clusterNames, natsBench, type Observer, uidOf, withRequests } from "./support.ts";

const [A, B, C] = [uidOf(1), uidOf(2), uidOf(3)];
const CLUSTERS = clusterNames(20);
const WANTED = { [A]: "http://a/", [B]: "http://b/", [C]: "http://c/" };

/** NATS is a projection: whatever is lost or edited there comes back, and no agent stops a check meanwhile. */
describe("what is stored is repaired", () => {
  const bench = natsBench();

  it.each([
    ["the stream is deleted", (connection: NatsConnection) => connection.request(`$JS.API.STREAM.DELETE.${ASSIGNMENT_STREAM}`).then(() => bench.connect())],
    ["the stream is purged", (connection: NatsConnection) => connection.request(`$JS.API.STREAM.PURGE.${ASSIGNMENT_STREAM}`)],
    ["one cluster's subjects are purged", (connection: NatsConnection) => connection.request(`$JS.API.STREAM.PURGE.${ASSIGNMENT_STREAM}`, JSON.stringify({ filter: "$KV.assign.c-7.>" }))],
    ["one assignment is purged", (connection: NatsConnection) => connection.request(`$JS.API.STREAM.PURGE.${ASSIGNMENT_STREAM}`, JSON.stringify({ filter: assignmentSubject("c-7", A) }))],
    ["one head is purged", (connection: NatsConnection) => connection.request(`$JS.API.STREAM.PURGE.${ASSIGNMENT_STREAM}`, JSON.stringify({ filter: headSubject("c-7") }))],
    ["one assignment is edited", (connection: NatsConnection) => connection.request(assignmentSubject("c-7", A), edited(A))],
    ["an unknown assignment is added", (connection: NatsConnection) => connection.request(assignmentSubject("c-7", uidOf(99)), edited(uidOf(99)))],
    ["one assignment is filled with rubbish", (connection: NatsConnection) => connection.request(assignmentSubject("c-7", A), "rubbish")],
    ["one head is filled with rubbish", (connection: NatsConnection) => connection.request(headSubject("c-7"), "rubbish")],
  ])("when %s", async (_what, damage) => {
    const connection = await bench.connect();
    const { writer, observer } = await settled(bench, connection);
    const before = observer.accepted.length;
    const sequence = await lastSequence(connection);
    await damage(connection);
    await waitUntil({ what: "the repair", timeoutMs: 15_000, everyMs: 20 }, async () => (await storedMessages(connection)) >= 80 && isWhole(writer) && (await lastSequence(connection)) !== sequence);
    const late = await bench.observe();
    await waitUntil({ what: "a new agent to be complete", timeoutMs: 5000 }, () => CLUSTERS.every((cluster) => sameRuns(late, cluster)));
    await waitUntil({ what: "the agents to be in order", timeoutMs: 5000 }, () => CLUSTERS.every((cluster) => sameRuns(observer, cluster)));
    for (const { set } of observer.accepted.slice(before)) expect(set.payloads.size).toBe(3);
  });

  it("when an agent holds something newer, or something else, but not when it is only behind", async () => {
    const connection = await bench.connect();
    const { writer, observer } = await settled(bench, connection);
    await waitUntil({ what: "the observer", timeoutMs: 5000 }, () => sameRuns(observer, "c-3"));
    const held = observer.held("c-3");
    if (held === null) throw new Error("nothing is held");
    const sequence = await lastSequence(connection);
    writer.repairHeld("c-3", { ...held, generation: held.generation - 1 });
    writer.repairHeld("c-3", held);
    writer.repairHeld("c-3", null);
    writer.repairHeld("c-3", { ...held, epoch: Number.MAX_SAFE_INTEGER });
    await writer.apply(changeOf(A, WANTED[A] ?? "", CLUSTERS));
    expect(await lastSequence(connection)).toBe(sequence);

    writer.repairHeld("c-3", { ...held, epoch: held.epoch + 1_000_000 });
    await waitUntil({ what: "a head above", timeoutMs: 5000 }, () => (observer.held("c-3")?.epoch ?? 0) > held.epoch + 1_000_000);
    const next = observer.held("c-3");
    if (next === null) throw new Error("nothing is held");
    writer.repairHeld("c-3", { ...next, checksum: "0".repeat(64) });
    await waitUntil({ what: "a rewritten head", timeoutMs: 5000 }, () => (observer.held("c-3")?.generation ?? 0) > next.generation);
  });

  it("but not when an agent is faster than the answer to the hub's own commit", async () => {
    const connection = await bench.connect();
    const observer = await bench.observe();
    const writers: StreamAssignmentWriter[] = [];
    const slow = withRequests(connection, async (send, subject) => {
      const answer = await send();
      if (!subject.startsWith("$KV.")) return answer;
      await waitUntil({ what: "the agent to hold it", timeoutMs: 5000 }, () => A in observer.runs("c-0"));
      for (const one of writers) one.repairHeld("c-0", observer.held("c-0"));
      return answer;
    });
    const writer = await bench.writer({ connection: slow });
    writers.push(writer);
    await writer.apply(changeOf(A, "http://a/", ["c-0"]));
    await writer.apply(changeOf(A, "http://a/", ["c-0"]));
    expect(await lastSequence(connection)).toBe(2);
  });

  it("when an agent's consumer delivers nothing any more: it is set back to the first message", async () => {
    const connection = await bench.connect();
    const { writer, observer } = await settled(bench, connection);
    await writer.ensureConsumer("c-3", 0);
    const pending = async (): Promise<unknown> => at((await connection.request(`$JS.API.CONSUMER.INFO.${ASSIGNMENT_STREAM}.agent-c-3-0`)).json<unknown>(), "num_pending");
    const all = await pending();
    connection.subscribe("_INBOX.agent", { callback: () => undefined });
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${ASSIGNMENT_STREAM}.agent-c-3-0`, JSON.stringify({ batch: 1 }), { reply: "_INBOX.agent" });
    await waitUntil({ what: "one delivery", timeoutMs: 5000 }, async () => (await pending()) === Number(all) - 1);
    const held = observer.held("c-3");
    if (held === null) throw new Error("nothing is held");
    for (let beat = 0; beat < 3; beat++) writer.repairHeld("c-3", { ...held, generation: held.generation - 1 });
    await waitUntil({ what: "the consumer to begin again", timeoutMs: 5000 }, async () => (await pending()) === all);
  });

  it("and a new writer's first changes make no agent drop what the others still have", async () => {
    const connection = await bench.connect();
    const { writer, observer } = await settled(bench, connection);
    await writer.stop();
    await connection.request(`$JS.API.STREAM.PURGE.${ASSIGNMENT_STREAM}`);
    const next = await bench.writer({ connection, expectedMonitors: () => [A, B, C] });
    for (const [uid, url] of Object.entries(WANTED)) await next.apply(changeOf(uid, url, CLUSTERS));
    const late = await bench.observe();
    await waitUntil({ what: "a new agent to be complete", timeoutMs: 5000 }, () => CLUSTERS.every((cluster) => sameRuns(late, cluster)));
    expect(late.accepted.every(({ set }) => set.payloads.size === 3)).toBe(true);
    expect(observer.accepted.slice(60).every(({ set }) => set.payloads.size === 3)).toBe(true);
  });
});

describe("heads that are held back after a loss", () => {
  const bench = natsBench();

  it("are written once nobody is waited for any more, also when the last one awaited is gone for good", async () => {
    const observer = await bench.observe();
    const expected = new Set([A, uidOf(9)]);
    const writer = await bench.writer({ expectedMonitors: () => expected });
    await writer.apply(changeOf(A, "http://a/", ["c-0"]));
    expect(observer.held("c-0")).toBeNull();
    expected.delete(uidOf(9));
    await waitUntil({ what: "the head", timeoutMs: 5000 }, () => A in observer.runs("c-0"));
  });
});

describe("a cluster that is removed", () => {
  const bench = natsBench();

  it("loses its assignments, keeps its order for when it comes back, and others keep theirs", async () => {
    const writer = await bench.writer({ limits: { maxMessages: 3, maxBytes: 1_000_000 } });
    const observer = await bench.observe();
    for (const [uid, url] of Object.entries(WANTED)) await writer.apply(changeOf(uid, url, ["c-0"]));
    await writer.apply(changeOf(uidOf(4), "http://d/", ["c-1"]));
    const generation = writer.clusterState("c-0").head?.generation ?? 0;
    await writer.removeCluster("c-0");
    expect(writer.clusterState("c-0")).toMatchObject({ assigned: 0 });
    expect(writer.clusterState("c-1")).toMatchObject({ assigned: 1 });
    expect(writer.monitors()).toEqual([uidOf(4)]);
    await waitUntil({ what: "the agent to be free", timeoutMs: 5000 }, () => Object.keys(observer.runs("c-0")).length === 0);
    await writer.apply(changeOf(B, "http://b/", ["c-0"]));
    expect(writer.clusterState("c-0").head?.generation).toBeGreaterThan(generation);
  });
});

describe("an agent's consumer", () => {
  const bench = natsBench();

  it("is made, kept, and mended when it vanished or was changed", async () => {
    const connection = await bench.connect();
    const writer = await bench.writer({ connection });
    const info = async (): Promise<unknown> => (await connection.request(`$JS.API.CONSUMER.INFO.${ASSIGNMENT_STREAM}.agent-eu-1-0`)).json();
    await writer.ensureConsumer("eu-1", 0);
    const made = await info();
    expect(at(made, "config")).toMatchObject({ durable_name: "agent-eu-1-0", filter_subject: "$KV.assign.eu-1.>", ack_policy: "explicit", deliver_policy: "all", max_ack_pending: 10_000 });
    await writer.ensureConsumer("eu-1", 0);
    expect(at(await info(), "created")).toBe(at(made, "created"));

    await connection.request(`$JS.API.CONSUMER.DELETE.${ASSIGNMENT_STREAM}.agent-eu-1-0`);
    const wrong = { stream_name: ASSIGNMENT_STREAM, config: { durable_name: "agent-eu-1-0", filter_subject: "$KV.assign.us-1.>", ack_policy: "none", deliver_policy: "new", inactive_threshold: 60_000_000_000 } };
    await connection.request(`$JS.API.CONSUMER.DURABLE.CREATE.${ASSIGNMENT_STREAM}.agent-eu-1-0`, JSON.stringify(wrong));
    await writer.ensureConsumer("eu-1", 0);
    expect(at(await info(), "config")).toEqual(at(made, "config"));
    await writer.removeConsumer("eu-1", 0);
    await writer.removeConsumer("eu-1", 0);
    expect(at(await info(), "error", "err_code")).toBe(10014);
  });
});

/** A writer with a controller behind it that applies again what it is asked for, and an observer that has seen it all. */
async function settled(bench: Bench, connection: NatsConnection): Promise<{ writer: StreamAssignmentWriter; observer: Observer }> {
  const holder: { writer?: StreamAssignmentWriter } = {};
  const reapply = async (uid: string): Promise<void> => {
    await holder.writer?.apply(changeOf(uid, WANTED[uid] ?? "", WANTED[uid] === undefined ? [] : CLUSTERS)).catch(() => undefined);
  };
  const writer = await bench.writer({
    connection,
    expectedMonitors: () => (holder.writer === undefined ? [] : Object.keys(WANTED)),
    onDrift: (uids) => uids.forEach((uid) => setTimeout(() => void reapply(uid), uid === A ? 0 : 30)),
  });
  holder.writer = writer;
  const observer = await bench.observe();
  for (const [uid, url] of Object.entries(WANTED)) await writer.apply(changeOf(uid, url, CLUSTERS));
  await waitUntil({ what: "the agents", timeoutMs: 5000 }, () => CLUSTERS.every((cluster) => sameRuns(observer, cluster)));
  return { writer, observer };
}

function sameRuns(observer: Observer, cluster: string): boolean {
  return canonicalJson(observer.runs(cluster)) === canonicalJson(WANTED);
}

function isWhole(writer: StreamAssignmentWriter): boolean {
  return writer.monitors().length === 3 && Object.keys(WANTED).every((uid) => writer.clustersOf(uid).size === CLUSTERS.length);
}

function edited(uid: string): Uint8Array {
  const assignment = changeOf(uid, "http://evil/", ["c-7"]).wanted.get("c-7");
  if (assignment === undefined) throw new Error("no assignment");
  return encodeAssignment(assignment);
}

async function storedMessages(connection: NatsConnection): Promise<number> {
  return Number(at((await connection.request(`$JS.API.STREAM.INFO.${ASSIGNMENT_STREAM}`)).json<unknown>(), "state", "messages"));
}

async function lastSequence(connection: NatsConnection): Promise<number> {
  return Number(at((await connection.request(`$JS.API.STREAM.INFO.${ASSIGNMENT_STREAM}`)).json<unknown>(), "state", "last_seq"));
}
