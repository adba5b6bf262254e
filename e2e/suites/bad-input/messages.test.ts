import type { NatsConnection } from "@sightline/shared/nats";
import { assignmentSubject, CHECKPOINT_STREAM, checkpointChunkSubject, checkpointSubject, headSubject, heartbeatSubject, partitionOf, PARTITIONS, RESULT_STREAM, resultSubject } from "@sightline/shared/wire";
import { afterAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kit/hub-api.ts";
import { connectAsHub } from "../../kit/hub-nats.ts";
import { sum } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { storedResults } from "../../kit/result-log.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { untilRight } from "../repair/support.ts";
import { AgentVoice, event, GARBAGE, heartbeatData, resultData, type ResultIdentity, sayGarbage, storedCount, UNLIKELY_HEARTBEATS } from "./support.ts";

/**
 * Whoever gets hold of the hub's own credentials may write anything anywhere, and an agent may say anything with its own
 * signature: no message may stop or mislead what others rely on.
 */
describe("garbage and hostile messages", () => {
  let stage: Stage;
  let target: Target;
  let connection: NatsConnection;
  let eu1: AgentVoice;
  let identity: ResultIdentity;
  let before: unknown;
  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/ok", answers(200));
    await stage.api.apply(monitor("healthy", { url: target.url("/ok") }));
    await stage.api.untilVerdict("default/healthy", "Healthy");
    connection = await connectAsHub(stage.sandbox);
    eu1 = new AgentVoice(connection, stage.sandbox, "eu-1");
    identity = await identityOfHealthy();
    before = await transitions();
  });
  afterAll(async () => await connection?.close());

  it("among the results are parked and counted, and hold up nothing", async () => {
    const parked = await storedCount(connection, "parked");
    sayGarbage(resultSubject(partitionOf(identity.uid), "eu-1"), [eu1, connection]);
    for (const subject of ["results.99.eu-1", "results.x.eu-1", "results.0.NO_CLUSTER", `results.0.${"c".repeat(200)}`]) connection.publish(subject, "[]");
    await connection.flush();
    await waitUntil({ what: "the garbage to be parked", timeoutMs: 20_000 }, async () => (await storedCount(connection, "parked")) >= parked + 2 * GARBAGE.length);
    expect(await counted("results_parked")).toBeGreaterThanOrEqual(GARBAGE.length);
    expect(await counted("results_refused", { reason: "unsigned" })).toBeGreaterThanOrEqual(GARBAGE.length);
    await untilGoingOn();
  });

  it("that forge results in an agent's own name change no verdict for longer than until the next honest one", async () => {
    const own = resultSubject(partitionOf(identity.uid), "eu-1");
    const wrong = resultSubject((partitionOf(identity.uid) + 1) % PARTITIONS, "eu-1");
    const send = (subject: string, source: string, change: object): void => eu1.publish(subject, JSON.stringify([event("result", source, resultData(identity, change))]));
    // Another cluster's name, another partition, an epoch that would outrank all others, a check that is not in force, a time to come.
    send(own, "/clusters/us-1", {});
    send(wrong, "/clusters/eu-1", {});
    send(own, "/clusters/eu-1", { agentEpoch: Number.MAX_SAFE_INTEGER });
    send(own, "/clusters/eu-1", { checkHash: "of-another-check" });
    send(own, "/clusters/eu-1", { agentEpoch: 1, endedAt: Number.MAX_SAFE_INTEGER, scheduledAt: Number.MAX_SAFE_INTEGER });
    await connection.flush();
    for (const reason of ["foreign_cluster", "wrong_partition", "implausible", "unknown_check", "old"]) {
      await waitUntil({ what: `a result dropped as ${reason}`, timeoutMs: 20_000 }, async () => (await counted("results_dropped", { reason })) > 0);
    }
    await untilGoingOn();
  });

  it("among the heartbeats are counted and make nobody silent", async () => {
    sayGarbage(heartbeatSubject("eu-1"), [eu1, connection]);
    connection.publish("hb.NOT_A_CLUSTER", "{}");
    for (let number = 0; number < 200; number++) connection.publish(`hb.nobody-${number}`, JSON.stringify(event("heartbeat", `/clusters/nobody-${number}`, heartbeatData({}))));
    for (const change of UNLIKELY_HEARTBEATS) eu1.publish(heartbeatSubject("eu-1"), JSON.stringify(event("heartbeat", "/clusters/us-1", heartbeatData(change))));
    await connection.flush();
    await waitUntil({ what: "the garbage to be counted", timeoutMs: 20_000 }, async () => (await counted("heartbeats", { outcome: "invalid" })) >= GARBAGE.length);
    await waitUntil({ what: "what nobody signed to be counted", timeoutMs: 20_000 }, async () => (await counted("heartbeats", { outcome: "unknown_key" })) >= 200 && (await counted("heartbeats", { outcome: "unsigned" })) >= GARBAGE.length);
    await untilGoingOn();
    for (const cluster of ["eu-1", "us-1", "ap-1"]) expect(conditionOf((await stage.api.registration(cluster))?.status, "Available")?.status).toBe("True");
  });

  it("among the assignments are written over, and no agent runs them", async () => {
    target.behave("/forged", answers(200));
    for (const [, payload] of GARBAGE) {
      connection.publish(assignmentSubject("eu-1", identity.uid), payload);
      connection.publish(headSubject("us-1"), payload);
      connection.publish(assignmentSubject("ap-1", "99999999-0000-4000-8000-000000000099"), payload);
    }
    for (const subject of ["$KV.assign.eu-1.not-a-uid", "$KV.assign.NO_CLUSTER.head", "$KV.assign.eu-1.head.more", "$KV.assign.unregistered.head"]) connection.publish(subject, "{}");
    const forged = { uid: identity.uid, namespace: "default", name: "healthy", checkHash: "forged", check: { url: target.url("/forged") }, suspend: false };
    connection.publish(assignmentSubject("eu-1", identity.uid), JSON.stringify(event("assignment", "/hub", forged)));
    await connection.flush();
    await untilRight(stage);
    await untilGoingOn();
    expect(target.seen("/forged")).toEqual([]);
  });

  it("in place of checkpoints cost a reading from the start, and nothing else", async () => {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const [, payload] = GARBAGE[partition % GARBAGE.length] ?? ["", ""];
      connection.publish(checkpointSubject(partition), payload);
      connection.publish(checkpointChunkSubject(partition, 0), payload);
    }
    connection.publish("$KV.CKPT.p99", "{}");
    connection.publish("$KV.CKPT.whatever", "{}");
    await connection.flush();
    await untilGoingOn();
    // Whoever starts now finds the garbage, or what was written over it.
    const [hub] = stage.sandbox.state.hubs;
    await stage.sandbox.kill(hub?.name ?? "");
    for (let partition = 0; partition < PARTITIONS; partition++) connection.publish(checkpointSubject(partition), "garbage");
    await connection.flush();
    await stage.sandbox.restart(hub?.name ?? "");
    await untilGoingOn();
    const written = await storedCount(connection, CHECKPOINT_STREAM);
    await waitUntil({ what: "checkpoints again", timeoutMs: 20_000 }, async () => (await storedCount(connection, CHECKPOINT_STREAM)) > written);
  });

  it("that take a partition over in nobody's name do not stop it", async () => {
    const partition = partitionOf(identity.uid);
    const found = await connection.request(`$JS.API.DIRECT.GET.${CHECKPOINT_STREAM}.${checkpointSubject(partition)}`);
    connection.publish(checkpointSubject(partition), JSON.stringify({ ...found.json<object>(), owner: "nobody" }));
    await connection.flush();
    const stored = await storedCount(connection, RESULT_STREAM);
    await waitUntil({ what: "more results", timeoutMs: 30_000 }, async () => (await storedCount(connection, RESULT_STREAM)) > stored + 10);
    await untilGoingOn();
  });

  it("and in all this time the healthy monitor stayed Healthy, without a transition", async () => {
    expect(await transitions()).toEqual(before);
    expect(sum(await stage.hubMetrics(), "httpmonitor_transitions_total")).toBe(0);
  });

  async function identityOfHealthy(): Promise<ResultIdentity> {
    const found = await waitUntil({ what: "a result", timeoutMs: 20_000 }, async () => (await storedResults(stage.sandbox)).at(-1));
    const { uid, namespace, name, checkHash } = found;
    return { uid, namespace, name, checkHash };
  }

  /** Statuses are refreshed by results measured from now on, from every cluster. */
  async function untilGoingOn(): Promise<void> {
    const since = Date.now();
    await stage.api.untilStatus("default/healthy", "refreshed from everywhere", ({ status, clusterResults }) => status === "Healthy" && clusterResults?.length === 3 && clusterResults.every((line) => line.status === "Success" && Date.parse(line.timestamp ?? "") > since));
  }

  async function transitions(): Promise<unknown> {
    const status = (await stage.api.monitor("default/healthy"))?.status;
    return [status?.status, status?.lastTransitionTime];
  }

  async function counted(what: string, labels: Record<string, string> = {}): Promise<number> {
    return sum(await stage.hubMetrics(), `sightline_${what}_total`, labels);
  }
});
