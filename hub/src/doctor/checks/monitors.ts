import { abridged, formatDuration } from "@sightline/shared";
import { findCondition, type HTTPMonitor } from "@sightline/shared/api";
import { keyOf } from "../../kube/resources.ts";
import { CHECK_DEFAULTS, checkOf } from "../../monitors/check.ts";
import type { Facts } from "../facts.ts";
import { type Check, count, type Finding, type Looked, whenSeen } from "../finding.ts";

/** What is younger may still be under way. Milliseconds. */
const SETTLED_MS = 60_000;
const MOST_REASONS = 5;
const NO_MONITOR = "there is no monitor";

type Monitors = readonly HTTPMonitor[];

/** All monitors together: how the installation serves them, not how their targets do. */
export function checkMonitors({ kubernetes, now, refreshBudget, defaultIntervalMs }: Facts): Finding[] {
  const { monitors: listed } = kubernetes;
  const monitors: Looked<Monitors> = listed.seen ? { seen: true, value: listed.value.objects } : listed;
  return [
    ...whenSeen("monitors.verdicts", monitors, (all, check) => sayVerdicts(all, check, now)),
    ...whenSeen("monitors.ready", monitors, (all, check) => sayNotReady(all, check, now)),
    ...whenSeen("monitors.refresh", monitors, (all, check) => sayRefresh(all, check, { refreshBudget, defaultIntervalMs })),
  ];
}

function sayVerdicts(monitors: Monitors, check: Check, now: number): Finding[] {
  const without = monitors.filter(({ metadata, status }) => status?.status === undefined && olderThan(metadata.creationTimestamp, now));
  if (without.length > 0) {
    check.failed(`${count(without.length, "monitor")} older than ${formatDuration(SETTLED_MS)} without a status: ${abridged(without.map(nameOf))}`, { advice: "No hub has looked at them: see kubernetes.lease, kubernetes.permissions and the hub's log." });
  }
  const tally = tallyOf(monitors.map(({ status }) => status?.status ?? "no status"));
  return check.elseOk(monitors.length === 0 ? NO_MONITOR : tally.map(([verdict, number]) => `${number} ${verdict}`).join(", "));
}

function sayNotReady(monitors: Monitors, check: Check, now: number): Finding[] {
  const not = monitors.flatMap((monitor) => {
    const ready = findCondition(monitor.status?.conditions, "Ready");
    return ready?.status === "False" && olderThan(ready.lastTransitionTime, now) ? [{ name: nameOf(monitor), reason: ready.reason, message: ready.message }] : [];
  });
  const reasons = tallyOf(not.map(({ reason }) => reason));
  for (const [reason, number] of reasons.slice(0, MOST_REASONS)) {
    const those = not.filter((one) => one.reason === reason);
    check.warning(`${count(number, "monitor")} not in force for more than ${formatDuration(SETTLED_MS)}: ${those[0]?.message ?? ""} (${abridged(those.map(({ name }) => name), 3)})`, { where: reason, advice: "Run this program with `explain NAMESPACE/NAME`: it says why, for each cluster." });
  }
  if (reasons.length > MOST_REASONS) check.warning(`${reasons.length - MOST_REASONS} more reasons`);
  return check.elseOk("every monitor is in force, or young");
}

function sayRefresh(monitors: Monitors, check: Check, { refreshBudget, defaultIntervalMs }: Pick<Facts, "refreshBudget" | "defaultIntervalMs">): Finding[] {
  if (monitors.length === 0) return check.ok(NO_MONITOR).findings;
  const periodMs = (monitors.length / refreshBudget) * 1000;
  const behind = monitors.filter(({ spec }) => checkOf(spec, { ...CHECK_DEFAULTS, intervalMs: defaultIntervalMs }).intervalMs < periodMs);
  const pace = `${count(monitors.length, "monitor")} at ${refreshBudget} refreshes a second: the budget allows one refresh of each in ${formatDuration(Math.ceil(periodMs / 10) * 10)}`;
  if (behind.length > 0) {
    check.warning(`${pace}, and ${behind.length} of them are probed more often. Changed verdicts and metrics are not late`, { advice: "Raise --refresh-budget if the API server bears it, or lengthen intervals." });
  }
  return check.elseOk(`${pace}, and none is probed more often`);
}

/** Most frequent first. */
function tallyOf(names: readonly string[]): [string, number][] {
  const numbers = new Map<string, number>();
  for (const name of names) numbers.set(name, (numbers.get(name) ?? 0) + 1);
  return [...numbers].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** A time that cannot be read is long ago. */
function olderThan(time: string | undefined, now: number): boolean {
  return !(now - Date.parse(time ?? "") <= SETTLED_MS);
}

function nameOf({ metadata: { namespace, name } }: HTTPMonitor): string {
  return keyOf(namespace === undefined ? { name } : { namespace, name });
}
