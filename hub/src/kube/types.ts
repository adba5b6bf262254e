import type { ReconcileOutcome } from "./metrics.ts";

/** The outcome of one reconcile. Without `requeueAfterMs` the key rests until something changes. */
export interface ReconcileResult {
  requeueAfterMs?: number;
  /** Something is known to have happened, and only waits for its time: it goes before mere looks again. */
  urgent?: true;
  /** The work could not be done yet, for want of something that comes by itself: counted as `requeue`, not as `success`. */
  again?: true;
}

/**
 * Brings what is to what should be, for one key. Level-triggered: a key is a name (`namespace/name` or `name`), never an
 * event or an object; a missed event may only delay. Throwing retries with back-off, unless the error says that it is
 * not retryable; a conflict (409) is a requeue, not an error.
 */
export interface Reconciler {
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
}

/** One reconcile, as those see it who stand around it. */
export interface ReconcileRun {
  controller: string;
  key: string;
}

/** What became of one run, and what the queue is to do about it. */
export interface Verdict {
  outcome: ReconcileOutcome;
  requeueAfterMs?: number;
  urgent?: true;
  /** The code of the error, where there was one that counts. */
  errorType?: string;
}

export type ReconcileEnd = { result: ReconcileResult } | { error: unknown };

/** How a reconcile ended, as everybody is to take it: metrics, spans, and the queue. */
export type JudgedEnd = ReconcileEnd & { verdict: Verdict };

/** Something that every reconcile passes through, such as a span: it calls `reconcile` once, which never throws, and gives back its end. */
export type Around = (run: ReconcileRun, reconcile: () => Promise<JudgedEnd>) => Promise<JudgedEnd>;

/** What others may ask of a running controller. */
export interface Enqueue {
  /** Asks for a reconcile of the key, now or after a delay. Duplicates are merged. */
  (key: string, afterMs?: number): void;
}

/** A read-only, eventually consistent picture of all objects of one kind, kept by a list and a watch. */
export interface Lister<T> {
  get(key: string): T | undefined;
  all(): T[];
  /** How many there are, without a copy of them. */
  readonly size: number;
  /** False before the first full list, and while the watch is stale. "Empty" means nothing before this is true. */
  readonly synced: boolean;
}

/**
 * A Lister that tells of each change: the object as it is now, or undefined when it is gone. A new listener is told at
 * once of every object that is there.
 */
export interface ObservableLister<T> extends Lister<T> {
  /** @returns a function that ends the subscription. */
  onChange(listener: (key: string, object: T | undefined) => void): () => void;
}
