import { formatDuration } from "@sightline/shared";
import { errorFields, type LogFields } from "@sightline/shared/telemetry";
import { parseKey } from "../kube/resources.ts";
import type { ReconcileResult } from "../kube/types.ts";

/** The process at one moment. */
export interface ProcessState {
  /** Milliseconds, on the monotonic clock. */
  at: number;
  /** Bytes of the heap that are in use. */
  memory: number;
  /** Garbage collections so far. */
  collections: number;
  /** Open sockets, timers, requests under way. */
  handles: number;
}

export type ReconcileEnd = { result: ReconcileResult } | { error: unknown };

/** The fields of "Reconciliation debug info". Memory and collections are the whole process's: other reconciles run meanwhile. */
export function reconcileCost(before: ProcessState, after: ProcessState, end: ReconcileEnd): LogFields {
  const { again, requeueAfterMs }: ReconcileResult = "result" in end ? end.result : {};
  return {
    duration: formatDuration(after.at - before.at),
    memory_before: before.memory,
    memory_after: after.memory,
    memory_delta: after.memory - before.memory,
    gc_cycles: after.collections - before.collections,
    active_handles: after.handles,
    result_requeue: again === true,
    result_requeue_after: formatDuration(requeueAfterMs ?? 0),
    ...("error" in end ? errorFields(end.error) : { error: null }),
  };
}

/** Name of the heap profile of a reconcile. A key comes from outside: nothing of it may lead out of the folder. */
export function profileName(key: string, nowMs: number): string {
  const name = parseKey(key).name.replaceAll(/[^a-z0-9.-]/gi, "_").slice(0, 253);
  return `reconcile-${name}-${Math.floor(nowMs / 1000)}.pb.gz`;
}
