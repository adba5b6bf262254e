import { type HTTPMonitor, parseHTTPMonitor } from "@sightline/shared/api";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock, RecordingTracer } from "@sightline/shared/testing";
import { checkHash } from "@sightline/shared/wire";
import { beforeEach, describe, expect, it } from "vitest";
import type { KubeRequest } from "../kube/client.ts";
import { MESSAGES } from "../controllers/httpmonitor/messages.ts";
import { ConfigMaps } from "../kube/config-maps.ts";
import { KubeError } from "../kube/errors.ts";
import { field } from "../kube/raw.ts";
import { KubeWriter } from "../kube/writes.ts";
import { PlanRegistry } from "../monitors/registry.ts";
import { FakeKube } from "../testing/fake-kube.ts";
import { FixedLister } from "../testing/fixed-lister.ts";
import { monitor, uidOf } from "../testing/objects.ts";
import { ResultTraces } from "../telemetry/result-traces.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { pairOf, type PairState } from "./pair-state.ts";
import { ResultsPublisher } from "./results-publisher.ts";
import { StatusBoard } from "./status-board.ts";
import { StatusReconciler } from "./status-reconciler.ts";
import { CHECK, planOver, resultOf } from "./testing.ts";
import { WritePacing, type WriteReason } from "./write-pacing.ts";

const DAY_MS = 24 * 3_600_000;
const LONG = { ...CHECK, intervalMs: DAY_MS };

/** Monitors of one healthy cluster, with an API server that remembers statuses and ConfigMaps. */
class World {
  readonly clock = new ManualClock();
  readonly kube = new FakeKube();
  readonly monitors = new FixedLister<HTTPMonitor>();
  readonly registry = new PlanRegistry();
  readonly maps = new Map<string, object>();
  readonly wrote: WriteReason[] = [];
  readonly settled: string[] = [];
  readonly pacing = new WritePacing({ transitions: 10, refreshes: 10 }, this.clock.monotonic());
  readonly transitions: string[] = [];
  readonly stood: string[] = [];
  readonly board = new StatusBoard();
  readonly tracer = new RecordingTracer();
  readonly logger = new RecordingLogger();
  readonly traces = new ResultTraces({ tracer: this.tracer, clock: this.clock, checkOf: () => CHECK });
  success = true;
  stand = true;
  moment = true;
  gone = 0;
  readonly reconciler = new StatusReconciler({
    monitors: this.monitors,
    registry: this.registry,
    results: { pairs: () => new Map([["eu-1", this.#last()]]), lastChange: () => 1, settled: (uid) => void this.settled.push(uid) },
    traces: this.traces,
    momentOf: () => (this.moment ? { now: this.clock.now(), heardSince: 0 } : undefined),
    liveness: { get: () => ({ available: true, lastHeartbeatAt: this.clock.now(), clockOffsetMs: 0 }) },
    notProbed: { reason: () => undefined },
    acknowledged: () => ({ epoch: 1, generation: 1 }),
    publisher: new ResultsPublisher(new ConfigMaps(this.kube), silentLogger),
    writer: new KubeWriter(this.kube),
    onGone: () => void (this.gone += 1),
    board: this.board,
    refreshBudget: 10,
    pacing: this.pacing,
    writes: { wrote: (reason) => void this.wrote.push(reason) },
    resultsStand: () => this.stand,
    stands: ({ before, status }) => void this.stood.push(`${before?.status} > ${status.status}`),
    clock: this.clock,
    logger: this.logger,
  });

  constructor(count = 1) {
    for (let number = 1; number <= count; number++) {
      const identity = { namespace: "shop", name: `m-${number}`, uid: uidOf(number) };
      this.monitors.set(monitor({ metadata: identity }));
      this.registry.put(planOver(["eu-1"], { ...identity, check: LONG, checkHash: checkHash(LONG) }));
    }
    this.board.onTransition((_plan, from, to) => void this.transitions.push(`${from} > ${to}`));
    this.kube.answers = [(request) => this.#statusWrite(request), (request) => this.#configMap(request)];
  }

  /** Reconciles as the queue would: each monitor again when it asked to be, until `forMs` have gone by. */
  async run(forMs = 0): Promise<void> {
    const due = new Map(this.monitors.all().map(({ metadata }) => [`shop/${metadata.name}`, this.clock.monotonic()]));
    const end = this.clock.monotonic() + forMs;
    for (;;) {
      const [key, at] = [...due].toSorted((a, b) => a[1] - b[1])[0] ?? ["", Number.POSITIVE_INFINITY];
      if (at > end) break;
      await this.clock.advance(Math.max(0, at - this.clock.monotonic()));
      const { requeueAfterMs = Number.POSITIVE_INFINITY } = await this.reconciler.reconcile(key);
      due.set(key, this.clock.monotonic() + requeueAfterMs);
    }
    if (this.clock.monotonic() < end) await this.clock.advance(end - this.clock.monotonic());
  }

  #last(): PairState {
    const result = { checkHash: checkHash(LONG), endedAt: this.clock.now(), success: this.success, ...(this.success ? {} : { error: { code: "TIMEOUT" as const, message: "no answer" } }) };
    return pairOf(resultOf(result), { storedAt: this.clock.now(), clockOffsetMs: 0 });
  }

  #statusWrite({ path, body }: KubeRequest): unknown {
    if (!path.endsWith("/status")) return undefined;
    const after = parseHTTPMonitor({ ...this.monitors.get(`shop/${path.split("/").at(-2) ?? ""}`), status: field(body, "status") });
    this.monitors.set(after);
    return after;
  }

  #configMap({ method, path, body }: KubeRequest): unknown {
    if (method === "GET") return this.maps.get(path);
    const stored = { data: field(body, "data"), metadata: { namespace: "shop", name: path.split("/").at(-1), uid: "map", resourceVersion: "1", ownerReferences: field(field(body, "metadata"), "ownerReferences"), labels: field(field(body, "metadata"), "labels") } };
    if (method === "PATCH") this.maps.set(path, stored);
    return stored;
  }
}

let world: World;

describe("writes of a status", () => {
  beforeEach(async () => {
    world = new World();
    await world.run();
    expect(world.wrote).toEqual(["transition"]);
  });

  it("are none when nothing is due, however long that is and however often it is looked", async () => {
    const requests = world.kube.requests.length;
    for (let hour = 0; hour < 10; hour++) await world.run(3_600_000);
    expect(world.kube.requests).toHaveLength(requests);
  });

  it("are told when they stand, and not before", async () => {
    expect(world.stood).toEqual(["undefined > Healthy"]);
    world.success = false;
    world.kube.answers.unshift(({ path }) => {
      if (path.endsWith("/status")) throw new KubeError("CONFLICT", "somebody was faster", { retryable: true });
    });
    await expect(world.run(1000)).rejects.toThrow("somebody was faster");
    expect(world.stood).toHaveLength(1);
    world.kube.answers.shift();
    await world.run(1000);
    expect(world.stood).toEqual(["undefined > Healthy", "Healthy > Unhealthy"]);
  });

  it("come with the monitor's interval otherwise", async () => {
    await world.run(2 * DAY_MS + 1000);
    expect(world.wrote).toEqual(["transition", "refresh", "refresh"]);
  });

  it("come at once when the results ConfigMap was deleted or edited, however long the interval is", async () => {
    await world.clock.advance(1000);
    world.maps.clear();
    world.stand = false;
    await world.run();
    expect(world.maps.size).toBe(1);
    world.stand = true;
    await world.run();
    expect(world.wrote).toEqual(["transition", "mend"]);
  });

  it("are tried again within 30 s where the results ConfigMap's name was taken, and not before", async () => {
    const [path = ""] = world.maps.keys();
    world.maps.set(path, { metadata: { namespace: "shop", name: "m-1-results", uid: "foreign", resourceVersion: "1" }, data: {} });
    world.stand = false;
    await world.run();
    const requests = world.kube.requests.length;
    await world.run(29_000);
    expect(world.kube.requests).toHaveLength(requests);
    world.maps.clear();
    await world.run(2000);
    expect(world.maps.size).toBe(1);
  });
});

describe("transitions of many monitors", () => {
  it("are written within the budget, and settle what was read only when they stand", async () => {
    world = new World(100);
    await world.run(20_000);
    expect(world.wrote).toHaveLength(100);
    const at = world.kube.requests.length;
    world.success = false;
    world.settled.length = 0;
    await world.run(1000);
    const written = world.kube.requests.slice(at).filter(({ path }) => path.endsWith("/status"));
    expect(written.length).toBeGreaterThanOrEqual(10);
    expect(written.length).toBeLessThanOrEqual(12);
    expect(world.settled).toHaveLength(written.length);
    await world.run(10_000);
    expect(world.monitors.all().every(({ status }) => status?.status === "Unhealthy")).toBe(true);
  });
});

function statusWrites(): KubeRequest[] {
  return world.kube.requests.filter(({ path }) => path.endsWith("/status"));
}

/** Reconciles the first monitor, long after the look before: the budget of writes has room again. */
async function run(): ReturnType<StatusReconciler["reconcile"]> {
  await world.clock.advance(1000);
  return world.reconciler.reconcile("shop/m-1");
}

describe("a monitor's status", () => {
  beforeEach(() => {
    world = new World();
  });

  it.each<[string, () => void]>([
    ["has no plan yet", () => world.registry.delete(uidOf(1))],
    ["is another one of the same name", () => world.monitors.set(monitor({ metadata: { name: "m-1", uid: uidOf(9) } }))],
    ["is being deleted", () => world.monitors.set(monitor({ metadata: { name: "m-1", deletionTimestamp: "2026-01-01T00:00:00Z" } }))],
    ["is gone", () => world.monitors.delete("shop/m-1")],
  ])("is not written when the monitor %s", async (_what, spoil) => {
    spoil();
    expect(await run()).toEqual({});
    expect(world.kube.requests).toEqual([]);
  });

  it("is not written while the results have not been read up to the present, and is looked at again", async () => {
    world.moment = false;
    expect(await run()).toMatchObject({ again: true });
    expect([world.kube.requests, world.settled]).toEqual([[], []]);
    world.moment = true;
    await run();
    expect(world.monitors.get("shop/m-1")?.status?.status).toBe("Healthy");
  });

  it("is written at once on a transition, against the version that was seen, and told once it stands", async () => {
    await run();
    world.success = false;
    await run();
    expect(world.monitors.get("shop/m-1")?.status).toMatchObject({ status: "Unhealthy", errorMessage: "All 1 clusters failed. Last error: TIMEOUT: no answer" });
    expect(statusWrites().map(({ body }) => field(field(body, "metadata"), "resourceVersion"))).toEqual(["1", "1"]);
    expect(world.transitions).toEqual(["undefined > Healthy", "Healthy > Unhealthy"]);
    await run();
    expect(statusWrites()).toHaveLength(2);
  });

  it.each([
    ["CONFLICT", 0, 0],
    ["FORBIDDEN", 1, 0],
    ["NOT_FOUND", 0, 1],
  ] as const)("that cannot be written (%s) is no transition and settles nothing; the queue tries it again", async (code, logged, gone) => {
    const [answer] = world.kube.answers;
    world.kube.answers.unshift(({ path }) => {
      if (path.endsWith("/status")) throw new KubeError(code, "refused", { retryable: true });
      return undefined;
    });
    await expect(run()).rejects.toMatchObject({ code });
    expect([world.transitions, world.settled, world.wrote]).toEqual([[], [], []]);
    expect(world.logger.messages).toEqual(Array.from({ length: logged }, () => MESSAGES.statusFailed));
    expect(world.gone).toBe(gone);
    world.kube.answers.shift();
    expect(world.kube.answers[0]).toBe(answer);
    await run();
    expect(world.transitions).toEqual(["undefined > Healthy"]);
  });

  it("shows the verdict also where the results ConfigMap's name is taken, and says so", async () => {
    world.maps.set("/api/v1/namespaces/shop/configmaps/m-1-results", { metadata: { namespace: "shop", name: "m-1-results", uid: "foreign", resourceVersion: "1" }, data: { theirs: "yes" } });
    await run();
    const { status } = world.monitors.get("shop/m-1") ?? {};
    expect(status?.status).toBe("Healthy");
    expect(status?.conditions?.find(({ type }) => type === "ResultsPublished")).toMatchObject({ status: "False", reason: "NameTaken" });
  });

  it("rests while the monitor is suspended", async () => {
    await run();
    const plan = world.registry.get(uidOf(1));
    if (plan !== undefined) world.registry.put({ ...plan, suspend: true });
    await run();
    const written = statusWrites().length;
    expect(await run()).toEqual({});
    await world.run(3 * DAY_MS);
    expect(statusWrites()).toHaveLength(written);
  });

  it("is not written any more once the monitor is forgotten, and forgetting waits for a write that is under way", async () => {
    const gate = Promise.withResolvers<undefined>();
    world.kube.answers.unshift(({ method, path }) => (method === "GET" && path.endsWith("/m-1-results") ? gate.promise : undefined));
    const writing = world.reconciler.reconcile("shop/m-1");
    world.registry.delete(uidOf(1));
    let writtenBefore = -1;
    const forgetting = world.reconciler.forget(uidOf(1)).then(() => (writtenBefore = statusWrites().length));
    expect(await run()).toEqual({});
    expect(writtenBefore).toBe(-1);
    gate.resolve(undefined);
    await Promise.allSettled([writing, forgetting]);
    expect(writtenBefore).toBe(statusWrites().length);
  });
});
