import type { BatchPlan, MonitorChange } from "@sightline/shared/protocol";

/** One thing to commit. It is never split: all of its messages stand, or none. */
export interface Job {
  /** What it wants of the stream. */
  work: { kind: "change"; change: MonitorChange } | { kind: "refresh"; cluster: string };
  /** `wrote` says whether anything of its monitor had to be written. */
  resolve: (wrote: boolean) => void;
  reject: (error: unknown) => void;
}

/** What one atomic batch may hold. */
export interface BatchLimits {
  /** `jetstream.limits.batch.max_msgs` of the servers. */
  maxMessages: number;
  /** Payload bytes. */
  maxBytes: number;
}

/**
 * Takes jobs from the front of the queue for one batch: at most `count`, each monitor and each cluster's refresh once.
 * The first job is always taken. What is left stays in the queue, in order.
 */
export function takeGroup(queue: Job[], count: number): Job[] {
  const group: Job[] = [];
  const rest: Job[] = [];
  const seen = new Set<string>();
  for (const job of queue) {
    const key = jobKey(job);
    if (group.length < count && !seen.has(key)) group.push(job);
    else rest.push(job);
    seen.add(key);
  }
  queue.splice(0, queue.length, ...rest);
  return group;
}

function jobKey({ work }: Job): string {
  return work.kind === "change" ? `monitor ${work.change.uid}` : `cluster ${work.cluster}`;
}

/** Why a plan cannot be one batch, or undefined when it can. */
export function exceeds({ messages }: BatchPlan, limits: BatchLimits): string | undefined {
  if (messages.length > limits.maxMessages) return `${messages.length} messages are more than one transaction holds (${limits.maxMessages})`;
  const bytes = messages.reduce((sum, { payload }) => sum + (payload?.byteLength ?? 0), 0);
  return bytes > limits.maxBytes ? `${bytes} bytes are more than one transaction holds (${limits.maxBytes})` : undefined;
}

/** Both halves of a group that was refused as a whole. */
export function halves<T>(group: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(group.length / 2);
  return [group.slice(0, middle), group.slice(middle)];
}
