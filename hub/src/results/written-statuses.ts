import type { HTTPMonitor, HTTPMonitorStatus } from "@sightline/shared/api";

type Said = Pick<HTTPMonitorStatus, "status" | "errorMessage" | "lastTransitionTime" | "conditions">;

/**
 * What this hub wrote last of each monitor. A status that somebody else wrote over it (a former leader whose request was
 * on its way, a person) is set right again as it was: a verdict that never turned has no transition.
 */
export class WrittenStatuses {
  readonly #written = new Map<string, { resourceVersion: string; said: Said }>();

  /** To be called when a write is begun: until its outcome is known, what is stored may be ours. */
  begin(uid: string): void {
    this.#written.delete(uid);
  }

  wrote(uid: string, resourceVersion: string, { status, errorMessage, lastTransitionTime, conditions }: HTTPMonitorStatus): void {
    const said = Object.fromEntries(Object.entries({ status, errorMessage, lastTransitionTime, conditions }).filter(([, value]) => value !== undefined));
    this.#written.set(uid, { resourceVersion, said });
  }

  forget(uid: string): void {
    this.#written.delete(uid);
  }

  /** The status that stands: the stored one, or what was written last where a later version shows another verdict. */
  standing({ metadata, status }: HTTPMonitor): HTTPMonitorStatus | undefined {
    const last = this.#written.get(metadata.uid);
    if (last === undefined || status === undefined || !isLater(metadata.resourceVersion, last.resourceVersion)) return status;
    return status.status === last.said.status ? status : { ...status, ...last.said };
  }
}

/** Versions of one API server are numbers that grow (KEP-5504); of anything else nothing is known. */
function isLater(version: string, than: string): boolean {
  return /^\d+$/.test(version) && /^\d+$/.test(than) && BigInt(version) > BigInt(than);
}
