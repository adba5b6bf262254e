import type { Clock } from "@sightline/shared";
import type { HTTPMonitorStatus, ObjectMeta } from "@sightline/shared/api";
import type { EventNote } from "../kube/events.ts";
import { HTTP_MONITORS } from "../kube/resources.ts";
import type { ClassifiedCluster } from "../results/verdict.ts";
import { monitorEvents, type Told, toldBy } from "./monitor-events.ts";

/** A monitor's status as it stands, after a look at it. */
export interface StandingStatus {
  monitor: ObjectMeta;
  /** What stood before that look; undefined for a monitor that had no status. */
  before: HTTPMonitorStatus | undefined;
  status: HTTPMonitorStatus;
  clusters: readonly ClassifiedCluster[];
}

/** Remembers for one term of leading what was told of each monitor, and tells what is new. */
export class MonitorEventLog {
  readonly #clock: Clock;
  readonly #record: (note: EventNote) => void;
  readonly #told = new Map<string, Told>();

  constructor(clock: Clock, record: (note: EventNote) => void) {
    this.#clock = clock;
    this.#record = record;
  }

  /** To be called whenever a status stands in Kubernetes, changed or not. Never throws. */
  stands({ monitor, before, status, clusters }: StandingStatus): void {
    const known = this.#told.get(monitor.uid) ?? toldBy(before, clusters);
    const { told, events } = monitorEvents(known, status, clusters);
    this.#told.set(monitor.uid, told);
    for (const event of events) this.#record({ ...event, resource: HTTP_MONITORS, object: monitor, at: this.#clock.now() });
  }

  forget(uid: string): void {
    this.#told.delete(uid);
  }
}
