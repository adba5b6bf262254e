import { type Clock, sleep } from "@sightline/shared";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { isKubeError } from "../kube/errors.ts";
import type { LeaseStore } from "../kube/leases.ts";
import { type Candidate, decideLease, leaseTerms, type ObservedLease, observeLease } from "./lease.ts";
import { Term } from "./term.ts";

/** Milliseconds throughout. */
export interface LeaseTimes {
  /** How long others wait for a holder that is not heard of. */
  durationMs: number;
  /** How often the holder renews. */
  renewMs: number;
  /** How long after its last renewal a holder stops. */
  deadlineMs: number;
  requestTimeoutMs: number;
  /** How often a standby looks, and how soon a failed request is made again. */
  retryMs: number;
}

export interface ElectorOptions {
  lease: Pick<LeaseStore, "read" | "replace">;
  /** Names this process, and no other one that ever was. */
  identity: string;
  /** Tells a former life of this replica by its identity: what it held is taken over without waiting. Asked at the first look only. */
  isPredecessor: (holder: string) => boolean;
  times: LeaseTimes;
  clock: Clock;
  logger: Logger;
}

export type Role = "active" | "standby";

/** Works until `term.retired` aborts, or it has had enough; resolves when nothing of it runs any more. */
export type Lead = (term: Term) => Promise<void>;

/** Stands for leadership by a Lease, again and again, until it is stopped. At any time at most one of all electors leads. */
export class Elector {
  readonly #options: ElectorOptions;
  readonly #leaving = new AbortController();
  #observed: ObservedLease | undefined;
  #predecessor: string | undefined;
  #term: Term | undefined;
  #running: Promise<void> | undefined;
  #failing = false;

  constructor(options: ElectorOptions) {
    this.#options = options;
  }

  get role(): Role {
    return this.#term?.mayWrite() === true ? "active" : "standby";
  }

  /** What keeps this replica from being of use, as a sentence: a standby is of use while somebody leads. */
  get missing(): string | undefined {
    if (this.role === "active") return undefined;
    if (this.#observed === undefined) return "the lease has not been read";
    return this.#decision().kind === "wait" ? undefined : "no replica leads";
  }

  start(lead: Lead): void {
    this.#running ??= this.#run(lead);
  }

  /** Has the work end, then gives the Lease back, so that a standby takes over at once. */
  async stop(): Promise<void> {
    this.#leaving.abort();
    this.#term?.retire();
    await this.#running;
  }

  async #run(lead: Lead): Promise<void> {
    const { clock, times, logger, identity } = this.#options;
    const leaving = this.#leaving.signal;
    while (!leaving.aborted) {
      const term = await this.#stand();
      if (term === undefined) {
        await sleep(clock, this.#pauseMs(), leaving);
        continue;
      }
      logger.info("This replica leads", { identity });
      await this.#serve(term, lead);
      logger.info("This replica leads no more", { identity });
      await sleep(clock, times.retryMs, leaving);
    }
    await this.#release();
  }

  /** @returns a term when the Lease could be taken. */
  async #stand(): Promise<Term | undefined> {
    const { clock, times } = this.#options;
    try {
      await this.#read(times.requestTimeoutMs);
      if (this.#decision().kind === "wait" || this.#leaving.signal.aborted) return undefined;
      const sentAt = clock.monotonic();
      await this.#take(times.requestTimeoutMs);
      return new Term(clock, times.deadlineMs, sentAt);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  async #serve(term: Term, lead: Lead): Promise<void> {
    this.#term = term;
    if (this.#leaving.signal.aborted) term.retire();
    const working = lead(term)
      .catch((error: unknown) => this.#options.logger.error("The work of the leader failed", errorFields(error)))
      .finally(() => term.end());
    await Promise.all([working, this.#hold(term)]);
    this.#term = undefined;
  }

  /** Renews until the term has ended; also while the work is ending. */
  async #hold(term: Term): Promise<void> {
    const { clock, times } = this.#options;
    let pauseMs = times.renewMs;
    while (!term.closed.aborted) {
      await sleep(clock, Math.min(pauseMs, Math.max(0, term.leftMs)), term.closed);
      if (term.closed.aborted) return;
      const sentAt = clock.monotonic();
      const renewed = await this.#renew(term);
      pauseMs = renewed ? times.renewMs - (clock.monotonic() - sentAt) : times.retryMs;
    }
  }

  /** @returns whether the term was prolonged. */
  async #renew(term: Term): Promise<boolean> {
    const { clock, times, logger } = this.#options;
    const leftMs = term.leftMs;
    if (leftMs <= 0) {
      logger.error("The lease could not be renewed in time: this replica stops leading");
      term.end();
      return false;
    }
    const timeoutMs = Math.min(times.requestTimeoutMs, leftMs);
    const sentAt = clock.monotonic();
    try {
      await this.#take(timeoutMs);
      term.renewed(sentAt);
      return true;
    } catch (error) {
      this.#failed(error);
      if (!isKubeError(error, "CONFLICT", "NOT_FOUND", "ALREADY_EXISTS")) return false;
    }
    return (await this.#isStillOurs(term, timeoutMs)) ? this.#renew(term) : false;
  }

  /** Somebody wrote: another holder, or a request of our own whose answer was lost. */
  async #isStillOurs(term: Term, timeoutMs: number): Promise<boolean> {
    try {
      await this.#read(timeoutMs);
    } catch (error) {
      this.#failed(error);
      return false;
    }
    if (this.#decision().kind !== "wait") return true;
    this.#options.logger.error("Another replica holds the lease: this one stops leading", { holder: this.#observed?.holder });
    term.end();
    return false;
  }

  async #read(timeoutMs: number): Promise<void> {
    const { lease, clock, isPredecessor, logger } = this.#options;
    const first = this.#observed === undefined;
    const before = this.#observed?.holder;
    const stored = await lease.read(timeoutMs);
    this.#observed = observeLease(this.#observed, stored, clock.monotonic());
    const { holder } = this.#observed;
    if (first && isPredecessor(holder)) this.#predecessor = holder;
    if (holder !== before && holder !== this.#options.identity) logger.info("Who leads was read from the lease", { holder });
    this.#failing = false;
  }

  async #take(timeoutMs: number): Promise<void> {
    const { identity, times } = this.#options;
    const { stored } = this.#observed ?? {};
    await this.#write(stored, leaseTerms(stored, { identity, durationMs: times.durationMs, at: this.#timestamp() }), timeoutMs);
  }

  async #write(...[stored, terms, timeoutMs]: Parameters<LeaseStore["replace"]>): Promise<void> {
    const written = await this.#options.lease.replace(stored, terms, timeoutMs);
    this.#observed = observeLease(this.#observed, written, this.#options.clock.monotonic());
    this.#failing = false;
  }

  /** Twice at most: the last renewal's answer may have been lost, and with it the version to replace. */
  async #release(): Promise<void> {
    const { times, logger } = this.#options;
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const { stored } = this.#observed ?? {};
      if (stored === undefined || this.#decision().kind !== "release") return;
      try {
        await this.#write(stored, { ...stored, holder: "", renewTime: this.#timestamp() }, times.requestTimeoutMs);
        logger.info("The lease was given back");
        return;
      } catch (error) {
        if (!isKubeError(error, "CONFLICT") || attempt === 2) return logger.warn("The lease could not be given back", errorFields(error));
      }
      await this.#read(times.requestTimeoutMs).catch((error: unknown) => this.#failed(error));
    }
  }

  #decision(): ReturnType<typeof decideLease> {
    if (this.#observed === undefined) return { kind: "wait", forMs: this.#options.times.retryMs };
    const predecessor = this.#predecessor === undefined ? {} : { predecessor: this.#predecessor };
    const { identity, times } = this.#options;
    const candidate: Candidate = { identity, durationMs: times.durationMs, leaving: this.#leaving.signal.aborted, ...predecessor };
    return decideLease(this.#observed, this.#options.clock.monotonic(), candidate);
  }

  #pauseMs(): number {
    const decision = this.#decision();
    const { retryMs } = this.#options.times;
    return decision.kind === "wait" ? Math.min(retryMs, Math.max(1, decision.forMs)) : retryMs;
  }

  /** Of a row of failures only the first is told. */
  #failed(error: unknown): void {
    const { logger } = this.#options;
    if (this.#failing || isKubeError(error, "CONFLICT", "ALREADY_EXISTS")) logger.debug("The lease could not be read or written", errorFields(error));
    else logger.warn("The lease could not be read or written", errorFields(error));
    this.#failing = true;
  }

  /** metav1.MicroTime. */
  #timestamp(): string {
    return new Date(this.#options.clock.now()).toISOString().replace("Z", "000Z");
  }
}
