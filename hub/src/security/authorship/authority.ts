import { AUTHORIZED_BY_ANNOTATION, type HTTPMonitor, PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import type { User } from "../access/authenticate.ts";
import type { MonitorIntent } from "./intent.ts";
import { type AuthorizationRecord, type Judgement, recordedUser } from "./record.ts";
import { readRecord } from "./record-schema.ts";

/** In whose name a monitor may run, and what of it. */
export type Authority =
  | { kind: "granted"; author: User; recordedAt: number }
  /** What stands there was not reviewed: what was, goes on. */
  | { kind: "earlier"; author: User; recordedAt: number; intent: MonitorIntent; problem: string }
  /** Nobody is known to have asked for any of it. */
  | { kind: "none"; problem: string };

/**
 * What a monitor's record gives it the right to. Pure.
 * @param lastValid text of the last record that was valid for this very monitor, when one has been seen
 */
export function authorityOf(judgement: Judgement, lastValid: string | undefined): Authority {
  if (judgement.kind === "valid") return { kind: "granted", ...authorIn(judgement.record) };
  const { problem } = judgement;
  const record = judgement.kind === "outdated" ? judgement.record : undefined;
  const earlier = withIntent(record) ?? withIntent(lastValid === undefined ? undefined : readRecord(lastValid));
  return earlier === undefined ? { kind: "none", problem } : { kind: "earlier", ...earlier, problem };
}

/** A monitor as it would be with another spec and placement; all else stays. */
export function withIntentOf(monitor: HTTPMonitor, { spec, placement }: MonitorIntent): HTTPMonitor {
  const others = Object.entries(monitor.metadata.annotations ?? {}).filter(([name]) => !PLACEMENT_NAMES.has(name));
  return { ...monitor, metadata: { ...monitor.metadata, annotations: { ...Object.fromEntries(others), ...placement } }, spec };
}

/** What to do about a monitor of which nobody is known to have asked for what stands there. */
export function applyAgain({ metadata }: HTTPMonitor): string {
  return `apply it again: "kubectl -n ${metadata.namespace ?? ""} annotate httpmonitor ${metadata.name} ${AUTHORIZED_BY_ANNOTATION}= --overwrite" has it reviewed in your name`;
}

const PLACEMENT_NAMES: ReadonlySet<string> = new Set(Object.values(PLACEMENT_ANNOTATIONS));

/** The record's own intent, as far as it is the one that it was made for. */
function withIntent(record: AuthorizationRecord | undefined): { author: User; recordedAt: number; intent: MonitorIntent } | undefined {
  return record?.intent === undefined ? undefined : { ...authorIn(record), intent: record.intent };
}

function authorIn(record: AuthorizationRecord): { author: User; recordedAt: number } {
  return { author: recordedUser(record), recordedAt: Date.parse(record.time) };
}
