import type { NotProbed, SkipReason } from "@sightline/shared/wire";

/** Read side of what agents say that they do not probe. */
export interface NotProbedView {
  /** Why a cluster's agent does not probe a monitor's check; undefined when it does, or does not say. */
  reason(cluster: string, uid: string): SkipReason | undefined;
}

/** Checks that agents report as not probed, by each cluster's last heartbeat. */
export class NotProbedChecks implements NotProbedView {
  readonly #clusters = new Map<string, { reasons: ReadonlyMap<string, SkipReason>; more: number }>();

  /** Takes in what a heartbeat says. @returns the monitors about which it says something else than the one before. */
  take(cluster: string, said: NotProbed | undefined): string[] {
    const before = this.#clusters.get(cluster)?.reasons ?? new Map<string, SkipReason>();
    const reasons = reasonsOf(said);
    if (reasons.size === 0) this.#clusters.delete(cluster);
    else this.#clusters.set(cluster, { reasons, more: said?.more ?? 0 });
    return [...new Set([...before.keys(), ...reasons.keys()])].filter((uid) => before.get(uid) !== reasons.get(uid));
  }

  reason(cluster: string, uid: string): SkipReason | undefined {
    return this.#clusters.get(cluster)?.reasons.get(uid);
  }

  /** How many checks the cluster's agent does not probe, those that its heartbeat had no room for included. */
  count(cluster: string): number {
    const known = this.#clusters.get(cluster);
    return known === undefined ? 0 : known.reasons.size + known.more;
  }

  forget(cluster: string): void {
    this.#clusters.delete(cluster);
  }
}

function reasonsOf(said: NotProbed | undefined): Map<string, SkipReason> {
  const reasons = new Map<string, SkipReason>();
  for (const reason of ["overloaded", "unreadable"] as const) for (const uid of said?.[reason] ?? []) reasons.set(uid, reason);
  return reasons;
}
