import { AUTHORIZED_BY_ANNOTATION, PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import type { ReviewedKind } from "./types.ts";

/** One entry of a webhook's `matchConditions`. All of them must hold, or the webhook is not asked. */
export interface MatchCondition {
  name: string;
  /** CEL; evaluated by the API server, so that what needs no review goes on while no hub is there. */
  expression: string;
}

/** Annotations that say where a monitor is to run, and who has permitted it. */
const REVIEWED_ANNOTATIONS: readonly string[] = [...Object.values(PLACEMENT_ANNOTATIONS), AUTHORIZED_BY_ANNOTATION].toSorted();

/** A finalizer must always come off, or a namespace that is being deleted would hang on a hub that is not there. */
const NOT_BEING_DELETED: MatchCondition = { name: "not-being-deleted", expression: "!has(object.metadata.deletionTimestamp)" };

/** By what a review of each kind goes. The labels of a registration are what placement chooses it by. */
const REVIEWED_PATHS: Record<ReviewedKind, readonly string[]> = {
  HTTPMonitor: ["spec", ...REVIEWED_ANNOTATIONS.map((name) => `metadata.?annotations[?'${name}']`)],
  ClusterRegistration: ["spec", "metadata.?labels"],
  MonitorPolicy: ["spec"],
};

/**
 * What is asked about: whatever is new, and each change of what a review goes by. A finalizer, a label, a probe that is
 * asked for, passes unasked. Written with optionals: a field that is missing is no error, which would be a refusal.
 */
export function matchConditions(kind: ReviewedKind): MatchCondition[] {
  const changed = REVIEWED_PATHS[kind].map((path) => `object.?${path} != oldObject.?${path}`);
  return [NOT_BEING_DELETED, { name: "changes-what-is-reviewed", expression: ["request.operation == 'CREATE'", ...changed].join(" || ") }];
}
