import { type Clock, messageOf, seldom, type Timer } from "@sightline/shared";
import type { SigningKey } from "@sightline/shared/identity";
import { errorFields, type Logger, reasonFields } from "@sightline/shared/telemetry";
import { anchorLine } from "./anchor.ts";
import { beginLine, type BeginFacts, type BeginReason } from "./begin.ts";
import { extend, GENESIS, type LineBody, type Tail } from "./chain.ts";
import { decisionLine } from "./decision.ts";
import { AuditError, auditUnavailable } from "./errors.ts";
import type { AuditSink } from "./sink.ts";
import type { AuditEntry, AuditLog } from "./types.ts";

export interface AuditLogOptions {
  sink: AuditSink;
  /** Which hub decides; stands in the first line of each run. */
  hub: { identity: string; version: string };
  /** The hub's own key; without one nothing is signed, and whoever can write the file can rewrite all of it. */
  signing?: SigningKey;
  clock: Clock;
  logger: Logger;
  /** Told of each decision that is on disk. */
  onRecord?: (outcome: AuditEntry["outcome"]) => void;
  /** Told of each decision that could not be kept. */
  onFailure?: () => void;
}

/** Signed at the latest after so many lines, or so long after the first one that is not. */
export const ANCHOR_LINES = 1000;
const ANCHOR_MS = 60_000;
/** How many share one write to the disk. */
const MAX_GROUP = 1000;
/** A disk that hangs must not fill the memory. */
const MAX_WAITING = 10_000;
/** How soon a log that failed is tried again when nobody asks. Milliseconds. */
const RETRY_MS = 5000;
const SAY_EVERY_MS = 60_000;

interface Waiting {
  body: LineBody;
  entry: AuditEntry;
  settle: PromiseWithResolvers<void>;
}

/**
 * The chain of all decisions of this hub. Whoever records waits for the disk; all who wait at the same time share one
 * write. The order is that of the calls.
 */
export class ChainedAuditLog implements AuditLog {
  readonly #options: AuditLogOptions;
  readonly #say: (words: string) => boolean;
  #waiting: Waiting[] = [];
  #tail: Tail = GENESIS;
  #started = false;
  /** Set: the sink has to be opened before the next line. */
  #broken: string | undefined = "it has not been opened yet";
  #refused = 0;
  #unsigned = 0;
  #anchorWanted = false;
  #running: Promise<void> | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#say = seldom(options.clock, SAY_EVERY_MS);
  }

  /** Undefined while decisions can be kept; otherwise why not. */
  get missing(): string | undefined {
    return this.#broken;
  }

  /** Opens it, and says who writes. @throws AuditError when it cannot be written: a hub that cannot tell what it permits does not start. */
  async start(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      throw error instanceof AuditError ? error : auditUnavailable(messageOf(error), error);
    }
  }

  record(entry: AuditEntry): Promise<void> {
    if (this.#closed) return Promise.reject(auditUnavailable("the hub is stopping"));
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(this.#refusal(1, `${MAX_WAITING} decisions wait for the disk`));
    const settle = Promise.withResolvers<void>();
    this.#waiting.push({ body: decisionLine(entry, this.#options.clock.now()), entry, settle });
    this.#kick();
    return settle.promise;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#anchorWanted = this.#unsigned > 0;
    this.#kick();
    await this.#running;
    await this.#options.sink.close();
  }

  #kick(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Whoever calls in the same turn joins the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#anchorWanted) await this.#commit(this.#waiting.splice(0, MAX_GROUP));
    // At once: whoever comes next must start a run of their own.
    this.#running = undefined;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      if (this.#broken !== undefined) await this.#open();
      await this.#append(group.map(({ body }) => body));
      await this.#rotateIfFull();
    } catch (error) {
      return this.#fail(group, error);
    }
    for (const { entry, settle } of group) {
      this.#options.onRecord?.(entry.outcome);
      settle.resolve();
    }
  }

  #fail(group: readonly Waiting[], error: unknown): void {
    const { clock, logger } = this.#options;
    this.#anchorWanted = false;
    this.#broken = messageOf(error);
    if (this.#say(this.#broken)) logger.error("The audit log cannot be written: nothing is permitted meanwhile", errorFields(error));
    for (const { settle } of group) settle.reject(this.#refusal(1, messageOf(error), error));
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#timer = clock.schedule(RETRY_MS, () => this.#retry(), { unref: true });
  }

  #refusal(count: number, reason: string, cause?: unknown): AuditError {
    this.#refused += count;
    for (let told = 0; told < count; told += 1) this.#options.onFailure?.();
    return auditUnavailable(reason, cause);
  }

  /** An anchor is a line as good as any to try with. */
  #retry(): void {
    this.#anchorWanted = true;
    this.#kick();
  }

  async #open(): Promise<void> {
    const { sink, logger } = this.#options;
    const { tail: found, torn } = await sink.open();
    if (torn !== undefined) logger.warn("The audit log ended in the middle of a line, which was put aside", torn);
    const refused = this.#refused;
    if (this.#started) {
      // What this process knows to be on disk may not be found there any more: the chain goes on all the same, and says so.
      await this.#append([this.#begin("recovery", { torn, replaced: found?.hash !== this.#tail.hash, refused })]);
      logger.info("The audit log is written again", { refused });
    } else {
      this.#tail = found ?? GENESIS;
      await this.#append([this.#begin(found === undefined ? "genesis" : "start", { torn })]);
    }
    this.#refused -= refused;
    this.#started = true;
    this.#broken = undefined;
  }

  #begin(reason: BeginReason, more: Pick<BeginFacts, "torn" | "replaced" | "refused"> = {}): LineBody {
    const { hub, signing, clock } = this.#options;
    return beginLine({ reason, ...hub, key: signing?.publicKey, ...more }, clock.now());
  }

  /** Writes lines, and an anchor after them when one is due. The chain goes on only when they are on disk. */
  async #append(bodies: readonly LineBody[]): Promise<void> {
    const { sink, signing, clock } = this.#options;
    let tail = this.#tail;
    const lines: Buffer[] = [];
    const add = (body: LineBody): void => {
      const made = extend(tail, body);
      lines.push(made.line, Buffer.from("\n"));
      ({ tail } = made);
    };
    for (const body of bodies) add(body);
    const signs = signing !== undefined && (this.#anchorWanted || this.#unsigned + bodies.length >= ANCHOR_LINES);
    if (signs) add(anchorLine(signing, tail, clock.now()));
    this.#anchorWanted = false;
    if (lines.length > 0) await sink.append(Buffer.concat(lines));
    this.#tail = tail;
    this.#unsigned = signs ? 0 : this.#unsigned + bodies.length;
    this.#nextAnchor(signs);
  }

  #nextAnchor(signed: boolean): void {
    const { signing, clock, logger } = this.#options;
    // Kept by whoever keeps the log's lines, it proves later that nothing was cut off.
    if (signed) logger.info("The audit log was signed", { sequence: this.#tail.sequence, hash: this.#tail.hash });
    if (signed || this.#broken !== undefined) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    if (signing === undefined || this.#unsigned === 0 || this.#closed) return;
    this.#timer ??= clock.schedule(ANCHOR_MS, () => this.#retry(), { unref: true });
  }

  /** A file ends signed. What it does not do in time is done after the next line. */
  async #rotateIfFull(): Promise<void> {
    const { sink, signing, logger } = this.#options;
    if (!sink.full) return;
    try {
      this.#anchorWanted = signing !== undefined;
      await this.#append([]);
      await sink.rotate(this.#tail);
      await this.#append([this.#begin("rotation")]);
    } catch (error) {
      // The lines themselves are on disk: only the next ones need a file again.
      this.#broken = messageOf(error);
      logger.warn("The audit log's file could not be put aside", reasonFields(error));
    }
  }
}
