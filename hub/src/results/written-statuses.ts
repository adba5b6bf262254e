import type { HTTPMonitor, HTTPMonitorStatus } from "@sightline/shared/api";

type Said = Pick<HTTPMonitorStatus, "status" | "errorMessage" | "lastTransitionTime" | "conditions">;

/**
 * What this hub wrote last of each monitor. A status that somebody else wrote over it (a former leader whose request was
 * on its way, a person) is set right again as it was: a verdict that never turned has no transition. And what was written
 * stands at once, however late the watch brings it.
 */
export class WrittenStatuses {
  readonly #written = new Map<string, { resourceVersion: string; said: Said }>();
  /**
   * By the picture that the write was made from: whoever still has that one has not seen the write. By any other
   * picture nothing is known, though it be older: it may have come back with a restored etcd.
   */
  readonly #over = new WeakMap<HTTPMonitor, HTTPMonitorStatus>();

  /** To be called when a write failed that may have been done after all: what is stored may be ours. */
  doubt(monitor: HTTPMonitor): void {
    this.#written.delete(monitor.metadata.uid);
    this.#over.delete(monitor);
  }

  wrote(monitor: HTTPMonitor, resourceVersion: string, written: HTTPMonitorStatus): void {
    const { status, errorMessage, lastTransitionTime, conditions } = written;
    const said = Object.fromEntries(Object.entries({ status, errorMessage, lastTransitionTime, conditions }).filter(([, value]) => value !== undefined));
    this.#written.set(monitor.metadata.uid, { resourceVersion, said });
    this.#over.set(monitor, written);
  }

  forget(uid: string): void {
    this.#written.delete(uid);
  }

  /** The status that is stored, as far as this hub knows. */
  stored(monitor: HTTPMonitor): HTTPMonitorStatus | undefined {
    return this.#over.get(monitor) ?? monitor.status;
  }

  /** The status that stands: the stored one, or what was written last where a later version shows another verdict. */
  standing(monitor: HTTPMonitor): HTTPMonitorStatus | undefined {
    const { metadata } = monitor;
    const status = this.stored(monitor);
    const last = this.#written.get(metadata.uid);
    if (last === undefined || status === undefined || !isLater(metadata.resourceVersion, last.resourceVersion)) return status;
    return status.status === last.said.status ? status : { ...status, ...last.said };
  }
}

/** Versions of one API server are numbers that grow (KEP-5504); of anything else nothing is known. */
function isLater(version: string, than: string): boolean {
  return /^\d+$/.test(version) && /^\d+$/.test(than) && BigInt(version) > BigInt(than);
}
