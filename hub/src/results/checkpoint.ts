import { messageOf } from "@sightline/shared";
import { type BatchMessage, commitBatch, isStreamMissing, type NatsConnection, storedMessage, WRONG_LAST_SEQUENCE } from "@sightline/shared/nats";
import { type Checkpoint, CHECKPOINT_STREAM, checkpointChunkSubject, type CheckpointManifest, checkpointSubject, encodeCheckpoint, parseCheckpoint, parseCheckpointManifest, WireError } from "@sightline/shared/wire";

export type SaveOutcome =
  | { kind: "saved" }
  /** Another process has written since: it owns the partition now. */
  | { kind: "lost" }
  /** NATS refuses or does not answer: the next try may do. */
  | { kind: "failed"; description: string };

/** What is written where there is nothing to go on from. */
const NOTHING: Checkpoint = { created: "", sequence: 0, storedAt: 0, pairs: [] };

interface StoredManifest {
  sequence: number;
  /** Undefined when its bytes are none. */
  manifest: CheckpointManifest | undefined;
}

/**
 * One partition's checkpoint, written by compare-and-set on its manifest: of two processes that think they own the
 * partition, the second one's write fails. Chunks and manifest are one atomic batch.
 */
export class CheckpointFile {
  readonly #connection: NatsConnection;
  readonly #partition: number;
  readonly #owner: string;
  readonly #timeoutMs: number;
  readonly #mayWrite: () => boolean;
  #expected = 0;
  #chunks = 0;

  /** @param options `owner` names this owner, and no other one that ever was; `mayWrite` is asked before each write. */
  constructor(connection: NatsConnection, partition: number, options: { owner: string; timeoutMs: number; mayWrite?: () => boolean }) {
    this.#connection = connection;
    this.#partition = partition;
    this.#owner = options.owner;
    this.#timeoutMs = options.timeoutMs;
    this.#mayWrite = options.mayWrite ?? (() => true);
  }

  /**
   * Takes the partition over: reads the checkpoint and writes it again in the own name, so that a former owner's next
   * write fails. A former owner's last write may still be on its way: then it is read once more.
   * @returns what there was, as `load` does.
   * @throws when NATS does not answer, or refuses.
   */
  async claim(): Promise<Checkpoint | undefined> {
    for (;;) {
      const checkpoint = await this.load();
      const outcome = await this.save(checkpoint ?? NOTHING);
      if (outcome.kind === "saved") return checkpoint;
      if (outcome.kind === "failed") throw new Error(outcome.description);
    }
  }

  /**
   * Reads the stored checkpoint.
   * @returns undefined when there is none, or only a damaged one: then everything is read again from the results.
   * @throws when NATS does not answer.
   */
  async load(): Promise<Checkpoint | undefined> {
    const stored = await this.#storedManifest();
    this.#expected = stored?.sequence ?? 0;
    this.#chunks = stored?.manifest?.chunks ?? 0;
    return stored?.manifest === undefined ? undefined : this.#assemble(stored.manifest);
  }

  async #assemble(manifest: CheckpointManifest): Promise<Checkpoint | undefined> {
    const chunks: Uint8Array[] = [];
    for (let index = 0; index < manifest.chunks; index++) {
      const chunk = await this.#stored(checkpointChunkSubject(this.#partition, index));
      chunks.push(chunk?.payload ?? new Uint8Array());
    }
    return readable(() => parseCheckpoint(manifest, chunks));
  }

  async save(checkpoint: Checkpoint): Promise<SaveOutcome> {
    const messages: BatchMessage[] = encodeCheckpoint(this.#partition, this.#owner, checkpoint);
    const chunks = messages.length - 1;
    const surplus = Array.from({ length: Math.max(0, this.#chunks - chunks) }, (_none, index) => ({ subject: checkpointChunkSubject(this.#partition, chunks + index), payload: null }));
    const batch = [...surplus, ...messages.slice(0, -1), ...messages.slice(-1).map((manifest) => ({ ...manifest, expectedLastSequence: this.#expected }))];
    if (!this.#mayWrite()) return { kind: "failed", description: "this replica does not lead" };
    const outcome = await commitBatch(this.#connection, batch, this.#timeoutMs);
    if (outcome.kind === "refused") return outcome.code === WRONG_LAST_SEQUENCE ? this.#contest() : { kind: "failed", description: outcome.description };
    if (outcome.kind === "unknown") return this.#settle(outcome, chunks);
    this.#expected = outcome.lastSequence;
    this.#chunks = chunks;
    return { kind: "saved" };
  }

  /** A lost answer: whether the manifest that stands is the one that was sent. */
  async #settle({ batchId, cause }: { batchId: string; cause: string }, chunks: number): Promise<SaveOutcome> {
    try {
      const stored = await this.#stored(checkpointSubject(this.#partition));
      if (stored?.batchId !== batchId) return { kind: "failed", description: cause };
      this.#expected = stored.sequence;
      this.#chunks = chunks;
      return { kind: "saved" };
    } catch (error) {
      return { kind: "failed", description: messageOf(error) };
    }
  }

  /** The manifest is not the expected one: another owner's, or the store lost ours. */
  async #contest(): Promise<SaveOutcome> {
    try {
      const stored = await this.#storedManifest();
      if (stored?.manifest !== undefined && stored.manifest.owner !== this.#owner) return { kind: "lost" };
      this.#expected = stored?.sequence ?? 0;
      return { kind: "failed", description: "the stored checkpoint was lost or edited" };
    } catch (error) {
      return { kind: "failed", description: messageOf(error) };
    }
  }

  async #storedManifest(): Promise<StoredManifest | undefined> {
    const stored = await this.#stored(checkpointSubject(this.#partition));
    if (stored === undefined) return undefined;
    return { sequence: stored.sequence, manifest: readable(() => parseCheckpointManifest(stored.payload ?? new Uint8Array())) };
  }

  async #stored(subject: string): ReturnType<typeof storedMessage> {
    try {
      return await storedMessage(this.#connection, CHECKPOINT_STREAM, { subject });
    } catch (error) {
      if (isStreamMissing(error)) return undefined;
      throw error;
    }
  }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
