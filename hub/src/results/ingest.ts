import { type Clock, seldom } from "@sightline/shared";
import { type NatsConnection, publishOnce, type ReadMessage, type ReadPosition, StreamReader } from "@sightline/shared/nats";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { type CloudEvent, parkedSubject, type ParsedBatch, parseResultBatch, parseResultSubject, partitionSubjects, type ProbeResult, RESULT_STREAM, WireError } from "@sightline/shared/wire";
import { MESSAGES } from "../telemetry/messages.ts";
import { type Distrust, DISTRUST_SENTENCES, type DistrustOf } from "../agents/agent-signature.ts";
import type { LivenessView } from "../agents/liveness.ts";
import type { ResultTraces } from "../telemetry/result-traces.ts";
import { Hearing } from "./hearing.ts";
import type { ReadingLag } from "./lag.ts";
import type { Acceptance, DropReason, Origin, ResultStore } from "./store.ts";
import type { Moment } from "./verdict.ts";

/** Who counts what becomes of messages and results. */
export interface IngestTally {
  ingested(): void;
  dropped(reason: DropReason): void;
  parked(): void;
  /** A message is not that of its cluster's agent. */
  refused(reason: Distrust): void;
}

export interface IngestOptions {
  connection: NatsConnection;
  clock: Clock;
  random: () => number;
  log: Logger;
  store: ResultStore;
  liveness: LivenessView;
  /** Whether a message is that of its cluster's agent. */
  distrust: DistrustOf;
  counters: IngestTally;
  traces: Pick<ResultTraces, "process">;
  /** Told of what was read. */
  lag: ReadingLag;
  /** A result's outcome is another one than before: the monitor's verdict may change. */
  onChange: (monitor: { uid: string; namespace: string; name: string }) => void;
  /** Everything of the partition that was stored when reading began (again) has been read. */
  onCaughtUp: (partition: number) => void;
  /** How often it is made sure that the stream can be heard. Milliseconds. */
  checkIntervalMs: number;
  /** For how long verdicts stand while nothing can be heard. Milliseconds. */
  deafGraceMs: number;
}

/** How often the same refusal is said. Milliseconds. */
const TELL_AGAIN_MS = 60_000;

/** Reads one partition of the results, in order, into the store. */
export class PartitionIngest {
  readonly #options: IngestOptions;
  readonly #partition: number;
  readonly #reader: StreamReader;
  readonly #hearing: Hearing;
  readonly #isNews: ReturnType<typeof seldom>;
  #position: ReadPosition | undefined;
  #caughtUp = false;
  /** What is read may have been read before, after the last checkpoint: it was traced and told of then. */
  #replays = true;

  /** @param position where to go on: after a checkpoint. */
  constructor(partition: number, position: ReadPosition | undefined, options: IngestOptions) {
    this.#options = options;
    this.#partition = partition;
    this.#position = position;
    this.#isNews = seldom(options.clock, TELL_AGAIN_MS);
    this.#hearing = new Hearing(options.clock, options.deafGraceMs);
    this.#reader = new StreamReader(
      { ...options, stream: RESULT_STREAM, filter: partitionSubjects(partition), onError: (error) => options.log.warn("Reading results failed", { partition, ...errorFields(error) }) },
      {
        position: () => this.#position,
        begin: ({ created, resumed }) => {
          this.#caughtUp = false;
          if (resumed) return;
          this.#position = { created, sequence: 0, storedAt: 0 };
          this.#replays = true;
        },
        message: (message) => this.#message(message),
        caughtUp: () => {
          this.#caughtUp = true;
          this.#replays = false;
          this.#hearing.restored();
          options.onCaughtUp(partition);
        },
        alive: () => {
          if (this.#caughtUp) this.#hearing.heard();
        },
        drained: () => options.lag.drained(options.clock.now()),
      },
    );
  }

  start(): void {
    this.#reader.start();
  }

  stop(): Promise<void> {
    return this.#reader.stop();
  }

  /** False until everything that was stored when reading began has been read: what is known may be old. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** By which time this partition's monitors are judged. */
  get moment(): Moment {
    return this.#hearing.moment;
  }

  /** The last message whose results are all in the store. */
  get position(): ReadPosition | undefined {
    return this.#position;
  }

  #message(message: ReadMessage): void {
    const { lag, clock } = this.#options;
    const { sequence, storedAt, pending } = message;
    const names = parseResultSubject(message.subject);
    const distrust = names === undefined ? "unknown_key" : this.#options.distrust(names.cluster, message);
    if (names === undefined || distrust !== undefined) this.#refuse(message, distrust ?? "unknown_key");
    else this.#take(message, this.#originOf(names, message));
    lag.read({ storedAt, pending: pending > 0, nowMs: clock.now() });
    if (this.#position !== undefined) this.#position = { ...this.#position, sequence, storedAt };
  }

  #originOf(names: Pick<Origin, "partition" | "cluster">, { sequence, storedAt }: ReadMessage): Origin {
    const readAt = this.#options.clock.now();
    const clockOffsetMs = this.#options.liveness.get(names.cluster)?.clockOffsetMs ?? 0;
    return { ...names, sequence, storedAt: Math.min(storedAt, readAt), readAt, clockOffsetMs };
  }

  #take(message: ReadMessage, origin: Origin): void {
    const { events, refused } = readBatch(message.payload);
    for (const event of events) this.#offer(event, origin);
    const [problem] = refused;
    if (problem === undefined) return;
    const { subject, sequence } = message;
    this.#options.counters.parked();
    this.#options.log.warn("A message cannot be read and was parked", { subject, sequence, ...errorFields(problem) });
    this.#park(message, problem.message);
  }

  /** Whoever may write to the stream may do so all the time: counted each time, said seldom. */
  #refuse(message: ReadMessage, reason: Distrust): void {
    const { subject, sequence } = message;
    this.#options.counters.refused(reason);
    if (this.#isNews(reason)) this.#options.log.warn("A message of results was refused and parked", { subject, sequence, reason: DISTRUST_SENTENCES[reason] });
    this.#park(message, DISTRUST_SENTENCES[reason]);
  }

  #offer(event: CloudEvent<ProbeResult>, origin: Origin): void {
    const { store, traces } = this.#options;
    if (this.#replays) this.#tell(store.offer(event, origin), event, origin);
    else traces.process(event, () => store.offer(event, origin), (acceptance) => this.#tell(acceptance, event, origin));
  }

  #tell(acceptance: Acceptance, event: CloudEvent<ProbeResult>, origin: Origin): void {
    const { counters, onChange, log } = this.#options;
    if (acceptance.kind === "dropped") return counters.dropped(acceptance.reason);
    counters.ingested();
    const { uid, namespace, name, error } = event.data;
    if (acceptance.failed) log[this.#replays ? "debug" : "info"](MESSAGES.checkFailed, { cluster: origin.cluster, namespace, monitor: name, error_type: error?.code, error: error?.message });
    if (acceptance.changed) onChange({ uid, namespace, name });
  }

  /** Keeps what was not taken for a person to look at. It never holds up the rest. */
  #park({ subject, sequence, payload }: ReadMessage, reason: string): void {
    const { connection } = this.#options;
    const id = `${this.#partition}.${this.#position?.created ?? ""}.${sequence}`;
    publishOnce(connection, { subject: parkedSubject(subject), payload: payload ?? new Uint8Array(), id, reason });
  }
}

function readBatch(payload: Uint8Array | null): ParsedBatch {
  try {
    return parseResultBatch(payload ?? new Uint8Array());
  } catch (error) {
    if (error instanceof WireError) return { events: [], refused: [error] };
    throw error;
  }
}
