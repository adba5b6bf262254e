import { createHash } from "node:crypto";
import { type Head, parseHead } from "../../wire/head.ts";
import { parseAssignmentSubject } from "../../wire/subjects.ts";
import { comparePositions } from "../position.ts";
import type { CompleteSet } from "../staging.ts";
import type { PlannedMessage } from "../writer.ts";
import type { CommitOutcome, ModelStream } from "./nats.ts";

/** The promises that can be broken. */
export type Promised = "mixed-set" | "went-back" | "dropped" | "half-batch" | "fence" | "position-reused";

export interface Violation {
  promised: Promised;
  what: string;
}

/** A batch as a writer sent it. */
export interface SentBatch {
  batchId: string;
  epoch: number;
  messages: readonly PlannedMessage[];
  /** Clusters whose heads the writer held back when it planned. */
  withheld: (cluster: string) => boolean;
}

/**
 * Everything that writers committed, and the judge of it: each rule that is broken becomes a sentence in `violations`.
 * It computes with its own SHA-256 over whole sets, not with the protocol's digest.
 */
export class History {
  readonly violations: Violation[] = [];
  readonly #sets = new Set<string>();
  readonly #positions = new Map<string, string>();
  readonly #payloads = new Set<string>();
  readonly #highestEpoch = new Map<string, number>();
  commits = 0;

  /** Commits a batch, and judges whether all or nothing of it stands and whether a fenced writer got through. */
  commit(stream: ModelStream, batch: SentBatch): CommitOutcome {
    const before = fingerprintOfStream(stream);
    const outcome = stream.commit(batch.batchId, batch.messages);
    if (outcome.kind === "refused") {
      if (fingerprintOfStream(stream) !== before) this.broke("half-batch", `batch ${batch.batchId} was refused and changed something`);
      return outcome;
    }
    this.commits += 1;
    for (const message of batch.messages) this.#note(stream, batch, message);
    this.#judgeHeads(batch);
    return outcome;
  }

  /** The store lost or changed what fences an old writer: what was known of epochs holds no longer. */
  forgetFences(): void {
    this.#highestEpoch.clear();
  }

  /** A promise was broken. */
  broke(promised: Promised, what: string): void {
    this.violations.push({ promised, what });
  }

  /** An agent runs another set than before. */
  switched(cluster: string, from: CompleteSet | undefined, to: CompleteSet | undefined): void {
    if (to === undefined) return this.broke("dropped", `${cluster} stopped running its set`);
    if (from !== undefined && comparePositions(to.head, from.head) <= 0) this.broke("went-back", `${cluster} went from ${at(from.head)} to ${at(to.head)}`);
    if (!this.#sets.has(setKey(cluster, to.head))) this.broke("mixed-set", `${cluster} runs a set at ${at(to.head)} that no writer committed`);
    for (const [subject, payload] of to.payloads) {
      if (!this.#payloads.has(fingerprint(subject, payload))) this.broke("mixed-set", `${cluster} runs bytes under ${subject} that no writer wrote`);
    }
    if (to.payloads.size !== to.head.count) this.broke("mixed-set", `${cluster} runs ${to.payloads.size} checks, its head counts ${to.head.count}`);
  }

  #note(stream: ModelStream, batch: SentBatch, { subject, payload }: PlannedMessage): void {
    const stored = stream.stored(subject);
    if (stored?.batchId !== batch.batchId || stored.payload !== payload) this.broke("half-batch", `batch ${batch.batchId} stands in part only: ${subject}`);
    const key = parseAssignmentSubject(subject);
    if (payload === null || key === undefined) return;
    if (key.kind === "assignment") return void this.#payloads.add(fingerprint(subject, payload));
    this.#noteHead(key.cluster, parseHead(payload));
  }

  #noteHead(cluster: string, head: Head): void {
    const highest = this.#highestEpoch.get(cluster) ?? 0;
    if (head.epoch < highest) this.broke("fence", `epoch ${head.epoch} wrote to ${cluster} after epoch ${highest}`);
    this.#highestEpoch.set(cluster, Math.max(highest, head.epoch));
    this.#sets.add(setKey(cluster, head));
    const position = [cluster, head.epoch, head.generation].join(" ");
    if ((this.#positions.get(position) ?? head.checksum) !== head.checksum) this.broke("position-reused", `${position} names two sets`);
    this.#positions.set(position, head.checksum);
  }

  /** A cluster whose assignments a batch changes gets its head in the same batch, unless the writer holds it back. */
  #judgeHeads({ batchId, messages, withheld }: SentBatch): void {
    const keys = messages.map(({ subject }) => parseAssignmentSubject(subject));
    const heads = new Set(keys.flatMap((key) => (key?.kind === "head" ? [key.cluster] : [])));
    for (const key of keys) {
      if (key?.kind !== "assignment" || heads.has(key.cluster) || withheld(key.cluster)) continue;
      this.broke("half-batch", `batch ${batchId} changes ${key.cluster} without its head`);
    }
  }
}

function at({ epoch, generation }: Head): string {
  return `(${epoch}, ${generation})`;
}

/** What a head vouches for. Its position is left out: a head that was set back by hand vouches for the same set. */
function setKey(cluster: string, { count, checksum }: Head): string {
  return [cluster, count, checksum].join(" ");
}

export function fingerprint(subject: string, payload: Uint8Array | null): string {
  return createHash("sha256").update(subject).update("\n").update(payload ?? "deleted").digest("hex");
}

function fingerprintOfStream(stream: ModelStream): string {
  const lines = stream.all().map(({ subject, payload, sequence }) => `${sequence} ${fingerprint(subject, payload)}`);
  return [String(stream.lastSequence), ...lines].join("\n");
}
