import { messageOf } from "@sightline/shared";
import { isMessageSignedBy, type SigningKey, signMessage } from "@sightline/shared/identity";
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
  /** Undefined when its bytes are none, or no hub of this installation signed them. */
  manifest: CheckpointManifest | undefined;
}

/**
 * One partition's checkpoint, written by compare-and-set on its manifest: of two processes that think they own the
 * partition, the second one's write fails. Chunks and manifest are one atomic batch.
 *
 * The manifest, which sums up the chunks, is signed with the hub's key for its subject. One without that signature is as
 * good as none, and is written over: whoever can only write to NATS neither sets a verdict by it nor passes for an owner.
 */
export class CheckpointFile {
  readonly #connection: NatsConnection;
  readonly #partition: number;
  readonly #owner: string;
  readonly #signing: SigningKey;
  readonly #timeoutMs: number;
  readonly #mayWrite: () => boolean;
  #expected = 0;
  #chunks = 0;

  /** @param options `owner` names this owner, and no other one that ever was; `signing` is the key of all hubs; `mayWrite` is asked before each write. */
  constructor(connection: NatsConnection, partition: number, options: { owner: string; signing: SigningKey; timeoutMs: number; mayWrite?: () => boolean }) {
    this.#connection = connection;
    this.#partition = partition;
    this.#owner = options.owner;
    this.#signing = options.signing;
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
   * @returns undefined when there is none, or only a damaged or forged one: then everything is read again from the results.
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
    const batch = [...surplus, ...messages.slice(0, -1), ...messages.slice(-1).map((manifest) => ({ ...manifest, signature: signMessage(this.#signing, manifest.subject, manifest.payload ?? new Uint8Array()), expectedLastSequence: this.#expected }))];
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

  /** The manifest is not the expected one: another owner's, or somebody else's, or the store lost ours. */
  async #contest(): Promise<SaveOutcome> {
    try {
      const stored = await this.#storedManifest();
      if (stored?.manifest !== undefined && stored.manifest.owner !== this.#owner) return { kind: "lost" };
      this.#expected = stored?.sequence ?? 0;
      return { kind: "failed", description: "the stored checkpoint was lost, or written by somebody else than a hub" };
    } catch (error) {
      return { kind: "failed", description: messageOf(error) };
    }
  }

  async #storedManifest(): Promise<StoredManifest | undefined> {
    const subject = checkpointSubject(this.#partition);
    const stored = await this.#stored(subject);
    if (stored === undefined) return undefined;
    const payload = stored.payload ?? new Uint8Array();
    const isOurs = isMessageSignedBy(this.#signing.publicKey, subject, payload, stored.signature);
    return { sequence: stored.sequence, manifest: isOurs ? readable(() => parseCheckpointManifest(payload)) : undefined };
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
