import { type Clock, messageOf, sleep } from "@sightline/shared";
import type { NatsConnection } from "@sightline/shared/nats";
import { type AssignmentMirror, type BatchPlan, committedMessages, type MonitorChange, planBatch, planRemoval, type WriterContext } from "@sightline/shared/protocol";
import { parseAssignmentSubject } from "@sightline/shared/wire";
import { type BatchLimits, exceeds, halves, type Job, takeGroup } from "./job.ts";
import type { AssignmentPicture } from "./picture.ts";
import { transact, type TransactionOutcome } from "./transaction.ts";
import { AssignmentError } from "./types.ts";

export interface CommitterOptions {
  connection: NatsConnection;
  clock: Clock;
  picture: AssignmentPicture;
  limits: BatchLimits;
  /** How long a commit's answer, and a complete picture, are waited for. Milliseconds. */
  timeoutMs: number;
  /** Under what to plan now. @throws AssignmentError when this writer may not write. */
  context: () => WriterContext;
  /** A plan is about to be sent: its heads may stand from here on. */
  onSend: (plan: BatchPlan) => void;
  /** What became of the plan is known, or is not to be known. */
  onSettled: (plan: BatchPlan) => void;
  onCommitted: (plan: BatchPlan) => void;
  /** Monitors whose change stands, needed nothing, or was refused for good. */
  onApplied: (uids: string[]) => void;
  /** A head was not the expected one, and the picture has been read anew: go on under a new epoch. */
  onConflict: () => void;
}

type RoundOutcome = { kind: "done" } | { kind: "refused"; code: "TOO_MANY_CLUSTERS" | "NATS_UNAVAILABLE"; message: string };

/** Jobs that are planned together at most: more would only be halved again. */
const MAX_GROUP = 500;
const MAX_ROUNDS = 5;

/** The queue of jobs and the one loop that commits them: many changes in one batch, none ever split. */
export class BatchCommitter {
  readonly #options: CommitterOptions;
  readonly #queue: Job[] = [];
  readonly #stopped = new AbortController();
  #working: Promise<void> = Promise.resolve();
  #idle = true;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** @returns whether anything of the monitor had to be written. @throws AssignmentError */
  submit(work: Job["work"]): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ work, resolve, reject });
      if (!this.#idle) return;
      this.#idle = false;
      this.#working = this.#working.then(() => this.#work());
    });
  }

  /** Removes everything of one cluster, between two batches of the queue. @throws AssignmentError */
  async remove(cluster: string): Promise<void> {
    const removing = this.#working.then(() => this.#removeAll(cluster));
    this.#working = removing.catch(() => undefined);
    await removing;
  }

  /** Resolves when nothing is being written any more; what is pending is refused. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    // Whatever is asked for in this turn of the event loop shares the batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = takeGroup(this.#queue, MAX_GROUP);
      try {
        await this.#commit(group);
      } catch (error) {
        const failure = error instanceof AssignmentError ? error : new AssignmentError("NATS_UNAVAILABLE", messageOf(error), { cause: error });
        for (const job of group) job.reject(failure);
      }
    }
    this.#idle = true;
  }

  /** Commits a group; in halves when it is too large or was refused, until the guilty job stands alone. */
  async #commit(group: readonly Job[]): Promise<void> {
    const written = new Set<string>();
    const outcome = await this.#rounds((context) => {
      const plan = planOf(group, this.#options.picture.mirror, context);
      for (const uid of monitorsIn(plan)) written.add(uid);
      return plan;
    });
    if (outcome.kind === "done") {
      for (const { work } of group) if (work.kind === "change") this.#options.picture.mirror.confirm(work.change.uid, work.change.wanted);
      for (const { work, resolve } of group) resolve(work.kind === "change" && written.has(work.change.uid));
      this.#options.onApplied(uidsOf(group));
    } else if (group.length === 1) {
      this.#refuse(group, new AssignmentError(outcome.code, outcome.message));
    } else {
      for (const half of halves(group)) await this.#commit(half);
    }
  }

  /** A refusal for good is an end, too: nobody waits for that monitor any more. */
  #refuse(group: readonly Job[], error: AssignmentError): void {
    for (const job of group) job.reject(error);
    if (!error.retryable) this.#options.onApplied(uidsOf(group));
  }

  /** Plans and commits; after a conflict again, with a picture read anew. @throws AssignmentError when going on is no use. */
  async #rounds(plan: (context: WriterContext) => BatchPlan): Promise<RoundOutcome> {
    const { picture, limits, context, onConflict } = this.#options;
    let last = "";
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.#complete();
      const planned = plan(context());
      const excess = exceeds(planned, limits);
      if (excess !== undefined) return { kind: "refused", code: "TOO_MANY_CLUSTERS", message: failure(planned, excess) };
      if (planned.messages.length === 0) return { kind: "done" };
      const outcome = await this.#transact(planned);
      if (outcome.kind === "committed") return { kind: "done" };
      const { kind, description } = outcome;
      last = failure(planned, description);
      if (kind === "too-large") return { kind: "refused", code: "TOO_MANY_CLUSTERS", message: last };
      if (kind === "refused") return { kind: "refused", code: "NATS_UNAVAILABLE", message: last };
      picture.reload();
      if (kind === "unsettled") break;
      await this.#complete();
      if (kind === "conflict") onConflict();
    }
    throw new AssignmentError("NATS_UNAVAILABLE", last);
  }

  #transact(plan: BatchPlan): Promise<TransactionOutcome> {
    const { picture, connection, timeoutMs, onSend, onSettled, onCommitted } = this.#options;
    return picture.exclusively(async () => {
      onSend(plan);
      try {
        const outcome = await transact(connection, plan, timeoutMs);
        if (outcome.kind === "committed") {
          picture.committed(committedMessages(plan, outcome.lastSequence));
          onCommitted(plan);
        }
        return outcome;
      } finally {
        onSettled(plan);
      }
    });
  }

  /** Waits for a complete picture. @throws AssignmentError */
  async #complete(): Promise<void> {
    const { clock, picture, timeoutMs } = this.#options;
    const waiting = new AbortController();
    const timeout = sleep(clock, timeoutMs, AbortSignal.any([waiting.signal, this.#stopped.signal])).then(() => false);
    const complete = await Promise.race([picture.complete.then(() => true), timeout]);
    waiting.abort();
    if (!complete || this.#stopped.signal.aborted) throw new AssignmentError("NATS_UNAVAILABLE", "the assignment stream has not been read");
  }

  async #removeAll(cluster: string): Promise<void> {
    const { picture, limits } = this.#options;
    do {
      const outcome = await this.#rounds((context) => planRemoval(picture.mirror, cluster, limits.maxMessages - 1, context));
      if (outcome.kind === "refused") throw new AssignmentError(outcome.code, outcome.message);
    } while (picture.mirror.cluster(cluster).assignments.size > 0);
  }
}

function uidsOf(group: readonly Job[]): string[] {
  return group.flatMap(({ work }) => (work.kind === "change" ? [work.change.uid] : []));
}

/** Whose assignments the batch writes or withdraws. */
function monitorsIn({ messages }: BatchPlan): string[] {
  const keys = messages.map(({ subject }) => parseAssignmentSubject(subject));
  return keys.flatMap((key) => (key?.kind === "assignment" ? [key.uid] : []));
}

function planOf(group: readonly Job[], mirror: AssignmentMirror, context: WriterContext): BatchPlan {
  const changes: MonitorChange[] = [];
  const refreshes: { cluster: string }[] = [];
  for (const { work } of group) {
    if (work.kind === "change") changes.push(work.change);
    else refreshes.push({ cluster: work.cluster });
  }
  return planBatch(mirror, changes, refreshes, context);
}

/** The contract's sentence. Where no single cluster is to blame, the first is named and the others are counted. */
function failure(plan: BatchPlan, description: string): string {
  const clusters = new Set(plan.messages.flatMap(({ subject }) => parseAssignmentSubject(subject)?.cluster ?? []));
  const [first = "?"] = clusters;
  const others = clusters.size > 1 ? ` (and ${clusters.size - 1} more)` : "";
  return `failed to apply to cluster ${first}${others}: ${description}`;
}
