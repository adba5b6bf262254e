import type { Clock } from "./clock.ts";

/** Whether something is to be said now: the same words not again within `everyMs`. */
export function seldom(clock: Clock, everyMs: number): (words: string) => boolean {
  const said = new Map<string, number>();
  return (words) => {
    const now = clock.monotonic();
    for (const [old, at] of said) if (now - at >= everyMs) said.delete(old);
    if (said.has(words)) return false;
    said.set(words, now);
    return true;
  };
}
