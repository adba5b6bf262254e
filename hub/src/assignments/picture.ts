import type { Clock } from "@sightline/shared";
import { type NatsConnection, type ReadMessage, type ReadStart, StreamReader } from "@sightline/shared/nats";
import { AssignmentMirror, type Drift, driftBetween, hasLostHeads, type IsAuthentic, type StreamMessage } from "@sightline/shared/protocol";
import { ASSIGNMENT_STREAM, parseAssignmentSubject } from "@sightline/shared/wire";

/** What a complete reading of the stream brought to light. */
export interface Loaded {
  first: boolean;
  /** The stream was made anew or rolled back. */
  lost: boolean;
  drifts: Drift[];
}

export interface PictureOptions {
  connection: NatsConnection;
  clock: Clock;
  random: () => number;
  /** Whether a head was written by a hub of this installation. */
  isAuthentic: IsAuthentic;
  /** How often the stream's identity and size are looked at, in milliseconds. */
  checkIntervalMs: number;
  onLoaded: (loaded: Loaded) => void;
  /** Somebody else wrote: an assignment that differs from the known one, or (without a drift) a head. */
  onForeign: (cluster: string, drift: Drift | undefined) => void;
  onError: (error: unknown) => void;
}

/**
 * The writer's mirror, kept true by reading the stream. Whenever reading has to begin anew, a second mirror is built
 * beside the current one and takes its place once it is complete: nobody ever sees half a picture.
 */
export class AssignmentPicture {
  readonly #options: PictureOptions;
  readonly #reader: StreamReader;
  #current: AssignmentMirror;
  #building: AssignmentMirror | undefined;
  #created: string | undefined;
  #buildingCreated = "";
  #busy: Promise<unknown> = Promise.resolve();
  #loading = Promise.withResolvers<void>();
  #isComplete = false;

  constructor(options: PictureOptions) {
    this.#options = options;
    this.#current = new AssignmentMirror(options.isAuthentic);
    this.#reader = new StreamReader(
      { ...options, stream: ASSIGNMENT_STREAM },
      {
        position: () => undefined,
        begin: (start) => this.#begin(start),
        message: (message) => this.#message(message),
        caughtUp: () => this.#adopt(),
        minimumMessages: () => (this.#building === undefined ? this.#current.size : 0),
      },
    );
  }

  start(): void {
    this.#reader.start();
  }

  stop(): Promise<void> {
    return this.#reader.stop();
  }

  /** The last complete picture; empty before the first. */
  get mirror(): AssignmentMirror {
    return this.#current;
  }

  /** Resolves once the present picture is complete: at once, unless reading has begun anew. */
  get complete(): Promise<void> {
    return this.#loading.promise;
  }

  /** Reads everything again. `complete` then waits for the new picture. */
  reload(): void {
    this.#expectNew();
    this.#reader.restart();
  }

  /** Holds back what is read while `write` changes the stream, so that own messages are known before they are read. */
  async exclusively<T>(write: () => Promise<T>): Promise<T> {
    const running = write();
    this.#busy = running.catch(() => undefined);
    return running;
  }

  /** Takes in what an own commit stored. Where something newer was known, the store has gone back: all is read again. */
  committed(messages: readonly StreamMessage[]): void {
    this.#building?.commit(messages);
    if (!this.#current.commit(messages)) this.reload();
  }

  #begin({ created }: ReadStart): void {
    this.#expectNew();
    this.#building = new AssignmentMirror(this.#options.isAuthentic);
    this.#buildingCreated = created;
  }

  /** A waiter of the present loading goes on waiting: only a finished one is replaced. */
  #expectNew(): void {
    if (this.#isComplete) this.#loading = Promise.withResolvers();
    this.#isComplete = false;
  }

  async #message(message: ReadMessage): Promise<void> {
    await this.#busy;
    if (this.#building !== undefined) this.#building.apply(message);
    else this.#applyLive(message);
  }

  #applyLive(message: ReadMessage): void {
    const key = parseAssignmentSubject(message.subject);
    if (key === undefined) return;
    const known = this.#current.cluster(key.cluster);
    const headSequence = known.headSequence;
    const before = key.kind === "assignment" ? known.assignments.get(key.uid) : undefined;
    this.#current.apply(message);
    const now = this.#current.cluster(key.cluster);
    if (key.kind === "head") {
      if (now.headSequence !== headSequence) this.#options.onForeign(key.cluster, undefined);
      return;
    }
    const after = now.assignments.get(key.uid);
    if (before?.share !== after?.share) this.#options.onForeign(key.cluster, { uid: key.uid, cluster: key.cluster });
  }

  #adopt(): void {
    const next = this.#building;
    if (next === undefined) return;
    const first = this.#created === undefined;
    const lost = !first && (this.#created !== this.#buildingCreated || hasLostHeads(this.#current, next));
    const drifts = first ? [] : driftBetween(this.#current, next);
    next.vouch(this.#current);
    this.#current = next;
    this.#created = this.#buildingCreated;
    this.#building = undefined;
    this.#isComplete = true;
    this.#options.onLoaded({ first, lost, drifts });
    this.#loading.resolve();
  }
}
