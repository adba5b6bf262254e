import type { Clock } from "@sightline/shared";
import { isPlausible } from "@sightline/shared/protocol";
import type { Heartbeat, Position } from "@sightline/shared/wire";
import { ClockOffset } from "./clock-offset.ts";
import type { ClusterLiveness, LivenessView } from "./liveness.ts";
import type { HeartbeatNumbers } from "./settings.ts";

/** What became of a heartbeat. */
export type Reception =
  | "accepted"
  /** Older than one that was taken already: delivered twice, or late. */
  | "outdated"
  /** From a name that no registration has, and there is no room to remember it; or of a time that cannot be. */
  | "refused";

/** What is new about a cluster: that it is there or silent, the set that it holds, or its agent's version or interval. */
export type HeartbeatNews = "availability" | "position" | "agent";

interface ClusterState {
  /** Undefined while no registration of this name is known. */
  numbers: HeartbeatNumbers | undefined;
  last: Heartbeat | undefined;
  /** Wall clock of the last heartbeat. */
  lastAt: number | undefined;
  offset: ClockOffset;
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

  /** Takes a registration's numbers in; its time begins when it is new. */
  register(cluster: string, numbers: HeartbeatNumbers): void {
    const state = this.#clusters.get(cluster);
    if (state === undefined) this.#clusters.set(cluster, this.#fresh(numbers));
    else {
      if (state.numbers === undefined) state.hearingSince = this.#clock.monotonic();
      state.numbers = numbers;
    }
  }

  unregister(cluster: string): void {
    this.#clusters.delete(cluster);
  }

  heartbeat(cluster: string, heartbeat: Heartbeat): Reception {
    if (!isBelievable(heartbeat, this.#clock.now())) return "refused";
    const state = this.#clusters.get(cluster) ?? this.#unregistered(cluster);
    if (state === undefined) return "refused";
    if (state.available && state.last !== undefined && !isAfter(heartbeat, state.last)) return "outdated";
    const news = newsOf(heartbeat, state);
    if (heartbeat.agentEpoch !== state.last?.agentEpoch) state.offset = new ClockOffset();
    state.offset.add(heartbeat.sentAt, this.#clock.now());
    state.last = heartbeat;
    state.lastAt = this.#clock.now();
    state.hearingSince = this.#clock.monotonic();
    state.available = true;
    if (news !== undefined) this.#changed(cluster, news);
    return "accepted";
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
    return { available: state.available, lastHeartbeatAt: state.lastAt, clockOffsetMs: state.offset.value };
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

  #fresh(numbers: HeartbeatNumbers | undefined): ClusterState {
    const hearingSince = this.#clock.monotonic();
    return { numbers, last: undefined, lastAt: undefined, offset: new ClockOffset(), hearingSince, available: true };
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

/** One heartbeat from the far future would make every later one outdated, and every result ancient. */
function isBelievable({ agentEpoch, sentAt }: Heartbeat, nowMs: number): boolean {
  return isPlausible(agentEpoch, nowMs) && isPlausible(sentAt, nowMs);
}

function isAfter(next: Heartbeat, last: Heartbeat): boolean {
  return next.agentEpoch === last.agentEpoch ? next.sequence > last.sequence : next.agentEpoch > last.agentEpoch;
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
