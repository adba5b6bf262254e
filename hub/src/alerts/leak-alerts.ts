import { abridged } from "@sightline/shared";
import { LEAK_KINDS, LEAK_RESOURCES, type LeakResource, type Suspect } from "../leaks/leak-book.ts";

/** An alert for Alertmanager's API v2, and since when it is told. Times on the hub's clock, in milliseconds. */
export interface Alert {
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  startsAt: number;
  /** Until when Alertmanager keeps it without hearing of it again; of a resolved one, when it ended. */
  endsAt: number;
  resolved: boolean;
}

/** What is told to Alertmanager now, by what it is about. */
export type Alerts = ReadonlyMap<LeakResource, Alert>;

export const NO_ALERTS: Alerts = new Map();

/** An alert outlives so many looks that did not come: one that was lost, or an Alertmanager that was away, ends none. */
const LOOKS = 3;
/** Names that an alert shows: it is about all, and a notification is no list. */
const SHOWN = 10;

/** What an alert needs to know of a leak. */
export type Leak = Pick<Suspect, "leak" | "name">;

/** When leaks were looked for, how often that is done, and where docs are published (AlertConfig.runbookUrl). Milliseconds. */
export interface Look {
  now: number;
  intervalMs: number;
  runbookUrl?: string | undefined;
}

/**
 * The alerts after one more look: one for all leaks of a kind, refreshed while there are any. A resolved one is told
 * for as long as it would have stood otherwise, so that no Alertmanager misses its end. Pure.
 */
export function nextAlerts(before: Alerts, leaks: readonly Leak[], { now, intervalMs, runbookUrl }: Look): Alerts {
  const keptMs = LOOKS * intervalMs;
  const next = new Map<LeakResource, Alert>();
  for (const resource of LEAK_RESOURCES) {
    const names = leaks.filter(({ leak }) => leak === resource).map(({ name }) => name).toSorted();
    const known = before.get(resource);
    const startsAt = known === undefined || known.resolved ? now : known.startsAt;
    if (names.length > 0) next.set(resource, { ...LABELLED[resource], annotations: annotationsOf(resource, names, runbookUrl), startsAt, endsAt: now + keptMs, resolved: false });
    else if (known?.resolved === false) next.set(resource, { ...known, endsAt: now, resolved: true });
    else if (known !== undefined && now - known.endsAt < keptMs) next.set(resource, known);
  }
  return next;
}

/** Stable: a count in a label would make another alert of each change. */
const LABELLED: Record<LeakResource, Pick<Alert, "labels">> = {
  secret: labelled("OrphanedResources", "secret"),
  configmap: labelled("OrphanedResources", "configmap"),
  assignment: labelled("OrphanedResources", "assignment"),
  finalizer: labelled("StuckFinalizers", "finalizer"),
};

function labelled(alertname: string, resource: LeakResource): Pick<Alert, "labels"> {
  return { labels: { alertname, resource, kind: LEAK_KINDS[resource], severity: "warning", job: "sightline-hub" } };
}

function annotationsOf(resource: LeakResource, names: readonly string[], runbookUrl: string | undefined): Alert["annotations"] {
  const count = names.length;
  const summary = resource === "finalizer" ? `Found ${count} resources with stuck finalizers` : `Found ${count} orphaned ${resource}s`;
  return { summary, description: abridged(names, SHOWN), ...(runbookUrl === undefined ? {} : { runbook_url: `${runbookUrl}operate/leaks.md` }) };
}
