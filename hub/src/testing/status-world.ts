/** A world for tests of what is written about monitors: an API server that remembers, and a lister that may lag behind it. */
import { type HTTPMonitor, parseHTTPMonitor } from "@sightline/shared/api";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock, RecordingTracer } from "@sightline/shared/testing";
import { checkHash } from "@sightline/shared/wire";
import type { KubeRequest } from "../kube/client.ts";
import { ConfigMaps } from "../kube/config-maps.ts";
import { KubeError } from "../kube/errors.ts";
import { field, textField } from "../kube/raw.ts";
import { KubeWriter } from "../kube/writes.ts";
import { PlanRegistry } from "../monitors/registry.ts";
import { FakeKube } from "./fake-kube.ts";
import { FixedLister } from "./fixed-lister.ts";
import { monitor, uidOf } from "./objects.ts";
import { ResultTraces } from "../telemetry/result-traces.ts";
import { RecordingLogger } from "./recording-logger.ts";
import { pairOf, type PairState } from "../results/pair-state.ts";
import type { SeenResults } from "../results/results-config-map.ts";
import { ResultsPublisher } from "../results/results-publisher.ts";
import { StatusBoard } from "../results/status-board.ts";
import { StatusReconciler } from "../results/status-reconciler.ts";
import { CHECK, planOver, resultOf } from "../results/testing.ts";
import { WritePacing, type WriteReason } from "../results/write-pacing.ts";

export const DAY_MS = 24 * 3_600_000;
const LONG = { ...CHECK, intervalMs: DAY_MS };

/** The watch of the results ConfigMaps says nothing: each is looked at. */
const UNREAD = Object.assign(new FixedLister<SeenResults>(), { synced: false });

/** Monitors of one healthy cluster, with an API server that remembers statuses and ConfigMaps. */
export class World {
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
  /** When the last probe ended; this very moment without it. */
  lastEndedAt: number | undefined;
  stand = true;
  moment = true;
  /** The status that was written last, while the watch has not brought it: the lister has the one before. */
  lagging: { written: HTTPMonitor | undefined } | undefined;
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
    publisher: new ResultsPublisher(new ConfigMaps(this.kube), UNREAD, silentLogger),
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
    const result = { checkHash: checkHash(LONG), endedAt: this.lastEndedAt ?? this.clock.now(), success: this.success, ...(this.success ? {} : { error: { code: "TIMEOUT" as const, message: "no answer" } }) };
    return pairOf(resultOf(result), { storedAt: this.clock.now(), clockOffsetMs: 0 });
  }

  #statusWrite({ path, body }: KubeRequest): unknown {
    if (!path.endsWith("/status")) return undefined;
    const after = parseHTTPMonitor({ ...this.monitors.get(`shop/${path.split("/").at(-2) ?? ""}`), status: field(body, "status") });
    if (this.lagging === undefined) this.monitors.set(after);
    else if (this.lagging.written !== undefined) throw new KubeError("CONFLICT", "the version is not the last one", { retryable: true });
    else this.lagging.written = after;
    return after;
  }

  /** The watch brings what was written meanwhile. */
  catchUp(): void {
    if (this.lagging?.written !== undefined) this.monitors.set(this.lagging.written);
    this.lagging = undefined;
  }

  #configMap({ method, path, body }: KubeRequest): unknown {
    if (method === "GET") return this.maps.get(path);
    const sent = field(body, "metadata");
    const name = textField(sent, "name") ?? "";
    const stored = { data: field(body, "data"), metadata: { namespace: "shop", name, uid: "map", resourceVersion: "1", ownerReferences: field(sent, "ownerReferences"), labels: field(sent, "labels") } };
    this.maps.set(method === "POST" ? `${path}/${name}` : path, stored);
    return stored;
  }
}

