import type { Clock, Timer } from "@sightline/shared";
import { encodeHeartbeat, type Heartbeat } from "@sightline/shared/wire";

/** Before the first head says otherwise. */
export const DEFAULT_HEARTBEAT_INTERVAL_MS = 10_000;
const JITTER = 0.1;

export interface HeartbeatOptions {
  cluster: string;
  clock: Clock;
  random: () => number;
  intervalMs: () => number;
  /** Everything that the heartbeat says beside its own number and time. */
  facts: () => Omit<Heartbeat, "sequence" | "sentAt" | "heartbeatIntervalMs">;
}

/** Tells the hub, as long as the link is up, that the agent lives and what it holds. */
export class Heartbeats {
  readonly #options: HeartbeatOptions;
  #send: ((heartbeat: Uint8Array) => void) | undefined;
  #sequence = 0;
  #timer: Timer | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** The link is up: beats at once, and then every interval ± 10 %, so that agents do not beat in step. */
  open(send: (heartbeat: Uint8Array) => void): void {
    this.#send = send;
    this.beat();
  }

  shut(): void {
    this.#send = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Beats now: the hub should know at once that a new set is held. Without a link nothing happens. */
  beat(): void {
    if (this.#send === undefined) return;
    const { clock, random, cluster, facts } = this.#options;
    const intervalMs = this.#options.intervalMs();
    this.#sequence += 1;
    this.#send(encodeHeartbeat(cluster, { ...facts(), sequence: this.#sequence, sentAt: Math.floor(clock.now()), heartbeatIntervalMs: intervalMs }));
    this.#timer?.cancel();
    this.#timer = clock.schedule(intervalMs * (1 - JITTER + 2 * JITTER * random()), () => this.beat());
  }
}
