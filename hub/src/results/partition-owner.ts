import { exponentialBackoff, sleep } from "@sightline/shared";
import type { SigningKey } from "@sightline/shared/identity";
import { errorFields } from "@sightline/shared/telemetry";
import type { Checkpoint, CheckpointPair } from "@sightline/shared/wire";
import { isCredibleAgentEpoch } from "../agents/belief.ts";
import { CheckpointFile } from "./checkpoint.ts";
import { type IngestOptions, PartitionIngest } from "./ingest.ts";
import { ReadingLag } from "./lag.ts";
import type { Moment } from "./verdict.ts";

export interface OwnerOptions extends Omit<IngestOptions, "lag"> {
  /** Signs checkpoints: all hubs of an installation have the same. */
  signing: SigningKey;
  /** Names this process, and no other one that ever was. */
  owner: string;
  /** How often a checkpoint is written when something changed. Milliseconds. */
  checkpointIntervalMs: number;
  /** How long a checkpoint's answer is waited for. Milliseconds. */
  timeoutMs: number;
  /** Whether this replica leads at this very moment; asked before each write. Absent: always. */
  mayWrite?: () => boolean;
  /** Another process owns the partition: this one has stopped reading it. */
  onLost: (partition: number) => void;
}

/** The hub's clock may have been set back since the checkpoint was written, by so much at most. Milliseconds. */
const CLOCK_STEP_MS = 60_000;
/** Looks at the stream that may fail before results count as waiting. */
const MISSED_LOOKS = 3;

/** Everything that the owner of one partition does: takes the checkpoint over, reads on from it, and writes the next ones. */
export class PartitionOwner {
  readonly #options: OwnerOptions;
  readonly #partition: number;
  readonly #file: CheckpointFile;
  readonly #lag: ReadingLag;
  readonly #stopped = new AbortController();
  #ingest: PartitionIngest | undefined;
  #running: Promise<void> | undefined;
  #saved = "";

  constructor(partition: number, options: OwnerOptions) {
    this.#options = options;
    this.#partition = partition;
    this.#file = new CheckpointFile(options.connection, partition, options);
    this.#lag = new ReadingLag(MISSED_LOOKS * options.checkIntervalMs, options.clock.now());
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Writes a last checkpoint, and ends. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Whether everything has been read that was stored when reading began. */
  get caughtUp(): boolean {
    return this.#ingest?.caughtUp ?? false;
  }

  /** By which time this partition's monitors are judged; undefined before reading began. */
  get moment(): Moment | undefined {
    return this.#ingest?.moment;
  }

  /** For how long results wait to be read, in milliseconds. */
  lagMs(nowMs: number): number {
    return this.#lag.at(nowMs);
  }

  async #run(): Promise<void> {
    const { store, clock, checkpointIntervalMs } = this.#options;
    const checkpoint = await this.#claim();
    if (this.#stopped.signal.aborted) return;
    if (checkpoint !== undefined) store.restore(this.#partition, checkpoint.pairs.filter((pair) => isCredible(pair, clock.now())));
    this.#ingest = new PartitionIngest(this.#partition, checkpoint, { ...this.#options, lag: this.#lag });
    this.#ingest.start();
    let owned = true;
    while (owned && !this.#stopped.signal.aborted) {
      await sleep(clock, checkpointIntervalMs, this.#stopped.signal);
      if (!this.#stopped.signal.aborted) owned = await this.#save(this.#ingest);
    }
    await this.#ingest.stop();
    if (owned) await this.#save(this.#ingest);
    else this.#options.onLost(this.#partition);
  }

  async #claim(): Promise<Checkpoint | undefined> {
    const { clock, random, log } = this.#options;
    const backoff = exponentialBackoff({ baseMs: 100, maxMs: 5000, random });
    while (!this.#stopped.signal.aborted) {
      try {
        return await this.#file.claim();
      } catch (error) {
        log.warn("Taking a partition over failed", { partition: this.#partition, ...errorFields(error) });
        await sleep(clock, backoff.next(), this.#stopped.signal);
      }
    }
    return undefined;
  }

  /** @returns false when the partition is another process's now. */
  async #save(ingest: PartitionIngest): Promise<boolean> {
    const { store, log } = this.#options;
    const { position } = ingest;
    if (position === undefined) return true;
    const unsettled = store.firstUnsettled(this.#partition);
    const upTo = unsettled === undefined || unsettled > position.sequence ? position : { ...position, sequence: unsettled - 1, storedAt: 0 };
    const mark = `${upTo.created} ${upTo.sequence}`;
    if (mark === this.#saved) return true;
    const outcome = await this.#file.save({ ...upTo, pairs: store.snapshot(this.#partition) });
    if (outcome.kind === "saved") this.#saved = mark;
    if (outcome.kind === "failed") log.warn("Writing a checkpoint failed", { partition: this.#partition, error: outcome.description });
    return outcome.kind !== "lost";
  }
}

/** A pair of times to come must not stand for ever: every later result would seem older, or none would be missed. */
function isCredible({ state }: CheckpointPair, nowMs: number): boolean {
  return isCredibleAgentEpoch(state.agentEpoch, nowMs) && state.endedAt <= nowMs + CLOCK_STEP_MS;
}
