import type { Resource } from "../kube/resources.ts";
import type { EventNote } from "../kube/events.ts";

/** What can leak, and in which way: labels of the metrics and alerts. */
export const LEAK_KINDS = { secret: "orphaned", configmap: "orphaned", assignment: "orphaned", finalizer: "stuck" } as const;

export type LeakResource = keyof typeof LEAK_KINDS;

export const LEAK_RESOURCES: readonly LeakResource[] = ["secret", "configmap", "assignment", "finalizer"];

/** Something that looks left over now. Whether it is a leak is a matter of how long that has been so. */
export interface Suspect {
  leak: LeakResource;
  /** The same at each look, and of no other thing ever. */
  id: string;
  /** What a reader calls it, such as `secret shop/front-token`. */
  name: string;
  /** What is told of it by an Event, and about which object. */
  event: Pick<EventNote, "reason" | "message"> & { resource: Resource; object: EventNote["object"] };
  /** Hub's clock, milliseconds: since when it has been so, where the thing itself tells. */
  since?: number;
}

/** What one look brought: a kind that could not be looked at is left out of `looked`. */
export interface Sighting {
  looked: ReadonlySet<LeakResource>;
  suspects: readonly Suspect[];
}

interface Entry {
  suspect: Suspect;
  since: number;
  isLeak: boolean;
}

/** What is suspected and what was found, by id. */
export type LeakBook = ReadonlyMap<string, Entry>;

export const EMPTY_BOOK: LeakBook = new Map();

/**
 * The book after one more look, and what it found or saw gone. A leak is found once, when it has been suspected for
 * `ageMs`; of a kind that was not looked at nothing is found, and nothing gone. Pure.
 */
export function nextBook(book: LeakBook, { looked, suspects }: Sighting, { now, ageMs }: { now: number; ageMs: number }): { book: LeakBook; found: Suspect[]; gone: Suspect[] } {
  const unseen = [...book].filter(([, { suspect }]) => !looked.has(suspect.leak));
  const seen = suspects.filter(({ leak }) => looked.has(leak)).map((suspect): [string, Entry] => {
    const since = suspect.since ?? book.get(suspect.id)?.since ?? now;
    return [suspect.id, { suspect, since, isLeak: book.get(suspect.id)?.isLeak === true || now - since >= ageMs }];
  });
  const next = new Map([...unseen, ...seen]);
  return {
    book: next,
    found: seen.filter(([id, { isLeak }]) => isLeak && book.get(id)?.isLeak !== true).map(([, { suspect }]) => suspect),
    gone: [...book].filter(([id, { isLeak }]) => isLeak && !next.has(id)).map(([, { suspect }]) => suspect),
  };
}

/** The leaks that are there now. */
export function leaksIn(book: LeakBook): Suspect[] {
  return [...book.values()].filter(({ isLeak }) => isLeak).map(({ suspect }) => suspect);
}
