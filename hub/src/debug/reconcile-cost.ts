import { formatDuration } from "@sightline/shared";
import { errorFields, type LogFields } from "@sightline/shared/telemetry";
import { parseKey } from "../kube/resources.ts";
import type { ReconcileEnd, ReconcileResult } from "../kube/types.ts";

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

/** Longest parts of a file name: the whole must stay below 255. */
const MAX_NAMESPACE = 63;
const MAX_NAME = 160;

/** Name of the heap profile of a reconcile. A key comes from outside: nothing of it may lead out of the folder. */
export function profileName(key: string, nowMs: number): string {
  const { namespace, name } = parseKey(key);
  const object = [...(namespace === undefined ? [] : [safe(namespace, MAX_NAMESPACE)]), safe(name, MAX_NAME)].join("-");
  return `reconcile-${object}-${Math.floor(nowMs / 1000)}.pb.gz`;
}

function safe(text: string, length: number): string {
  return text.replaceAll(/[^a-z0-9.-]/gi, "_").slice(0, length);
}
