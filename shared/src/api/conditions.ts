/** A Kubernetes condition as the API conventions define it. */
export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
  /** RFC 3339. */
  lastTransitionTime: string;
  observedGeneration?: number;
}

/** What a condition says now; when it began to say so is kept by `setCondition`. */
export type ConditionState<Type extends string = string> = Omit<Condition, "lastTransitionTime" | "type"> & { type: Type };

/**
 * The list with one condition set. `lastTransitionTime` stays while the status stays, as apimachinery's
 * `meta.SetStatusCondition` does; all else is overwritten.
 */
export function setCondition(conditions: readonly Condition[], state: ConditionState, nowMs: number): Condition[] {
  const before = findCondition(conditions, state.type);
  const since = before?.status === state.status ? before.lastTransitionTime : rfc3339(nowMs);
  const next: Condition = { ...state, lastTransitionTime: since };
  return before === undefined ? [...conditions, next] : conditions.map((condition) => (condition === before ? next : condition));
}

/** The condition of a type, as apimachinery's `meta.FindStatusCondition` finds it. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether there is such a condition, and it is True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/** RFC 3339 in whole seconds, as Kubernetes' metav1.Time is written. */
export function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
