import type { Clock } from "@sightline/shared";

/** As long as a name's DNS may take turns, and connections to a former address may last. Milliseconds. */
const REMEMBERED_MS = 3_600_000;

/**
 * The addresses that names had lately. A name whose DNS takes turns has all those of its last hour: an answer to somebody else
 * may be another one than ours was. A name server that fails takes none away.
 */
export class NameMemory {
  readonly #clock: Clock;
  /** For each name its addresses, and when they were seen last (monotonic). */
  readonly #seen = new Map<string, Map<string, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes in an answer; of no address, too: nobody else gets one then. */
  remember(name: string, addresses: readonly string[]): void {
    const now = this.#clock.monotonic();
    const seen = this.#seen.get(name) ?? new Map<string, number>();
    this.#seen.set(name, seen);
    for (const address of addresses) seen.set(address, now);
    if (addresses.length === 0) return;
    for (const [address, at] of seen) if (now - at > REMEMBERED_MS) seen.delete(address);
  }

  /** Whether the name was ever answered for. */
  knows(name: string): boolean {
    return this.#seen.has(name);
  }

  addressesOf(name: string): string[] {
    return [...(this.#seen.get(name)?.keys() ?? [])];
  }
}
