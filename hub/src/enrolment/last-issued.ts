import { readClaims } from "@sightline/shared/identity";

interface Issued {
  connectionKey: string;
  working: string;
  /** By the monotonic clock, milliseconds. */
  at: number;
}

/**
 * Working credentials that have just been handed out, by cluster. Who asks again at once is given the same ones: they are as
 * good as new, and neither the API server nor the audit log is written to.
 */
export class LastIssued {
  readonly #issued = new Map<string, Issued>();
  readonly #freshMs: number;

  /** @param lifeSeconds of credentials: for so small a share of it (a minute of a day) nobody needs others. */
  constructor(lifeSeconds: number) {
    this.#freshMs = (lifeSeconds * 1000) / 1440;
  }

  /** @param voidUntil Unix seconds up to which what was issued to the key is void. */
  find(cluster: string, connectionKey: string, voidUntil: number | undefined, now: number): string | undefined {
    const last = this.#issued.get(cluster);
    if (last === undefined || last.connectionKey !== connectionKey || now - last.at >= this.#freshMs) return undefined;
    return (voidUntil ?? -1) < readClaims(last.working).iat ? last.working : undefined;
  }

  keep(cluster: string, issued: Issued): void {
    this.#issued.delete(cluster);
    this.#issued.set(cluster, issued);
    // The oldest stand first.
    for (const [old, { at }] of this.#issued) {
      if (issued.at - at < this.#freshMs) break;
      this.#issued.delete(old);
    }
  }
}
