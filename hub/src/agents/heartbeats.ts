import type { Clock } from "@sightline/shared";
import type { Heartbeat, Position } from "@sightline/shared/wire";
import { type Reception, receptionOf } from "./belief.ts";
import { ClockOffset } from "./clock-offset.ts";
import type { ClusterLiveness, LivenessView } from "./liveness.ts";
import type { HeartbeatNumbers } from "./settings.ts";

export type { Reception } from "./belief.ts";

/** What is new about a cluster: that it is there or silent, the set that it holds, or its agent's version, interval or clock. */
export type HeartbeatNews = "availability" | "position" | "agent";

interface ClusterState {
  /** Undefined while no registration of this name is known. */
  numbers: HeartbeatNumbers | undefined;
  last: Heartbeat | undefined;
  /** Wall clock of the last heartbeat. */
  lastAt: number | undefined;
  offset: ClockOffset;
  /** See KnownAgent. */
  heardUpTo: number;
  /** How far the clock was off by which the last heartbeat was not believed; undefined once one is. Milliseconds. */
  skewedByMs: number | undefined;
  /** Monotonic: from here on silence counts. Moved by heartbeats, by registration, and when the hub can hear again. */
  hearingSince: number;
  available: boolean;
}

/** Names without a registration that are remembered, so that an agent that was there first need not be waited for. */
const MAX_UNREGISTERED = 1000;
/** The longest interval that a registration may ask for: an agent's claim beyond it does not make it immune to silence. */
const MAX_INTERVAL_MS = 600_000;

/**
 * Which clusters are there, by their heartbeats. A state machine without I/O; `advance` at `nextDeadline`.
 *
 * A cluster is judged only while the hub itself could hear: while the connection is down nothing changes, and after it
 * came back, as after a start, every cluster has its full time again. Silence is measured on the monotonic clock.
 */
export class Heartbeats implements LivenessView {
  readonly #clock: Clock;
  readonly #changed: (cluster: string, news: HeartbeatNews) => void;
  readonly #clusters = new Map<string, ClusterState>();
  #connected: boolean;

  /** @param changed not told of heartbeats that say what the last one said. */
  constructor(clock: Clock, changed: (cluster: string, news: HeartbeatNews) => void, options: { connected: boolean } = { connected: true }) {
    this.#clock = clock;
    this.#changed = changed;
    this.#connected = options.connected;
  }

  /**
   * Takes a registration's numbers in; its time begins when it is new.
   * @param heardUpTo until when, on the agent's clock, a hub before this one has heard it: nobody makes it hear that again.
   */
  register(cluster: string, numbers: HeartbeatNumbers, heardUpTo = 0): void {
    const state = this.#clusters.get(cluster);
    if (state?.numbers !== undefined) state.numbers = numbers;
    else if (state?.last === undefined || state.last.sentAt < heardUpTo) this.#clusters.set(cluster, this.#fresh(numbers, heardUpTo));
    else {
      state.hearingSince = this.#clock.monotonic();
      state.numbers = numbers;
    }
  }

  unregister(cluster: string): void {
    this.#clusters.delete(cluster);
  }

  heartbeat(cluster: string, heartbeat: Heartbeat): Reception {
    const state = this.#clusters.get(cluster) ?? this.#unregistered(cluster);
    if (state === undefined) return "refused";
    const reception = receptionOf(heartbeat, state, this.#clock.now());
    if (reception === "accepted") this.#accept(cluster, state, heartbeat);
    if (reception === "skewed") this.#disbelieve(cluster, state, heartbeat);
    return reception;
  }

  #accept(cluster: string, state: ClusterState, heartbeat: Heartbeat): void {
    const news = newsOf(heartbeat, state);
    if (heartbeat.agentEpoch !== state.last?.agentEpoch) state.offset = new ClockOffset();
    state.offset.add(heartbeat.sentAt, this.#clock.now());
    state.skewedByMs = undefined;
    state.last = heartbeat;
    state.lastAt = this.#clock.now();
    state.hearingSince = this.#clock.monotonic();
    state.available = true;
    if (news !== undefined) this.#changed(cluster, news);
  }

  /** It is no sign of life, and nothing is kept of it but why. */
  #disbelieve(cluster: string, state: ClusterState, { sentAt }: Heartbeat): void {
    const isNews = state.skewedByMs === undefined;
    state.skewedByMs = sentAt - this.#clock.now();
    if (isNews) this.#changed(cluster, "agent");
  }

  connectionLost(): void {
    this.#connected = false;
  }

  connectionRestored(): void {
    this.#connected = true;
    const now = this.#clock.monotonic();
    for (const state of this.#clusters.values()) state.hearingSince = now;
  }

  /** Judges silence. To be called at `nextDeadline`. */
  advance(): void {
    if (!this.#connected) return;
    const now = this.#clock.monotonic();
    for (const [cluster, state] of this.#clusters) {
      if (!state.available || state.numbers === undefined || deadlineOf(state) > now) continue;
      state.available = false;
      this.#changed(cluster, "availability");
    }
  }

  /** When the next cluster would turn silent, on the monotonic clock; undefined when none can. */
  get nextDeadline(): number | undefined {
    if (!this.#connected) return undefined;
    let next: number | undefined;
    for (const state of this.#clusters.values()) {
      if (state.available && state.numbers !== undefined) next = Math.min(next ?? Infinity, deadlineOf(state));
    }
    return next;
  }

  get(cluster: string): ClusterLiveness | undefined {
    const state = this.#clusters.get(cluster);
    if (state?.numbers === undefined) return undefined;
    const skewed = state.skewedByMs === undefined ? {} : { skewedByMs: state.skewedByMs };
    return { available: state.available, lastHeartbeatAt: state.lastAt, clockOffsetMs: state.offset.value, ...skewed };
  }

  /** The last heartbeat of a registered cluster. */
  last(cluster: string): Heartbeat | undefined {
    const state = this.#clusters.get(cluster);
    return state?.numbers === undefined ? undefined : state.last;
  }

  /** The position that the cluster's agent holds, by its last heartbeat. */
  acknowledged(cluster: string): Position | undefined {
    const held = this.last(cluster)?.held;
    return held === undefined || held === null ? undefined : { epoch: held.epoch, generation: held.generation };
  }

  /** The numbers that silence is judged by now. */
  numbersInForce(cluster: string): HeartbeatNumbers | undefined {
    const state = this.#clusters.get(cluster);
    return state?.numbers === undefined ? undefined : { intervalMs: intervalOf(state, state.numbers), graceMs: state.numbers.graceMs };
  }

  /** Every epoch that an agent has shown to hold. */
  epochs(): number[] {
    return [...this.#clusters.values()].flatMap(({ last }) => (last?.held === undefined || last.held === null ? [] : [last.held.epoch]));
  }

  #fresh(numbers: HeartbeatNumbers | undefined, heardUpTo = 0): ClusterState {
    const hearingSince = this.#clock.monotonic();
    return { numbers, last: undefined, lastAt: undefined, offset: new ClockOffset(), heardUpTo, skewedByMs: undefined, hearingSince, available: true };
  }

  #unregistered(cluster: string): ClusterState | undefined {
    let known = 0;
    for (const { numbers } of this.#clusters.values()) if (numbers === undefined) known += 1;
    if (known >= MAX_UNREGISTERED) return undefined;
    const state = this.#fresh(undefined);
    this.#clusters.set(cluster, state);
    return state;
  }
}

/** The weightiest that is new; that time went on is no news. */
function newsOf(next: Heartbeat, { available, last }: ClusterState): HeartbeatNews | undefined {
  if (!available || last === undefined) return "availability";
  if (!samePosition(next.held, last.held)) return "position";
  if (next.agentVersion !== last.agentVersion || next.heartbeatIntervalMs !== last.heartbeatIntervalMs) return "agent";
  return undefined;
}

function samePosition(a: Position | null, b: Position | null): boolean {
  return a?.epoch === b?.epoch && a?.generation === b?.generation;
}

function deadlineOf(state: ClusterState): number {
  if (state.numbers === undefined) return Infinity;
  return state.hearingSince + intervalOf(state, state.numbers) + state.numbers.graceMs;
}

/** An agent that has not heard of a shorter interval yet goes on in its own: it is judged by that. */
function intervalOf({ last }: ClusterState, { intervalMs }: HeartbeatNumbers): number {
  return Math.max(intervalMs, Math.min(last?.heartbeatIntervalMs ?? 0, MAX_INTERVAL_MS));
}
