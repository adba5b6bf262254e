import type { Clock } from "@sightline/shared";
import type { Logger } from "@sightline/shared/telemetry";
import type { AuditLog } from "../audit/types.ts";
import { MESSAGES } from "../telemetry/messages.ts";
import type { EventNote } from "../kube/events.ts";
import { HTTP_MONITORS, keyOf } from "../kube/resources.ts";
import type { Author } from "../placement/select.ts";
import type { GuardView, Refusal, Ruling } from "./guard.ts";
import { mayUse, USE_RIGHT } from "./rights/usable.ts";

export interface RulingNewsOptions {
  audit: AuditLog;
  clock: Clock;
  logger: Logger;
  /** The hub's own user name: it is the hub that decides here. */
  hubUser: string;
  recordEvent: (note: EventNote) => void;
}

interface Told {
  /** The refusal's sentence, or that it was permitted. */
  ruling: string;
  /** The clusters that it is withdrawn from, while that is under way. */
  lost: string;
}

const PERMITTED = "";

/** Tells of each change of a ruling once: the audit log first, then the log, then Kubernetes. */
export class RulingNews {
  readonly #options: RulingNewsOptions;
  readonly #told = new Map<string, Told>();

  constructor(options: RulingNewsOptions) {
    this.#options = options;
  }

  /** Before anything is done about it. @throws AuditError */
  async tell(view: GuardView, { author, refusal }: Ruling, reach: readonly string[]): Promise<void> {
    const { uid } = view.monitor.metadata;
    const told = this.#told.get(uid);
    const lost = author === undefined ? [] : [...view.running].filter((cluster) => reach.includes(cluster) && !mayUse(author.usable, cluster)).toSorted();
    const now: Told = { ruling: refusal?.message ?? PERMITTED, lost: lost.join() };
    if (author !== undefined && lost.length > 0) await this.#tellLost(view, { author, lost, refusal, told });
    else if (refusal !== undefined) await this.#tellRefused(view, refusal, told);
    else await this.#tellPermitted(view, reach.filter((cluster) => author === undefined || mayUse(author.usable, cluster)), told);
    this.#told.set(uid, now);
  }

  forget(uid: string): void {
    this.#told.delete(uid);
  }

  /** What a new leader finds running is no news: it was told when it began. */
  async #tellPermitted(view: GuardView, clusters: string[], told: Told | undefined): Promise<void> {
    const isNews = told === undefined ? view.running.size === 0 : told.ruling !== PERMITTED;
    if (isNews) await this.#audit(view, { outcome: "Success", clusters });
  }

  async #tellRefused(view: GuardView, { reason, message, rule }: Refusal, told: Told | undefined): Promise<void> {
    if (told?.ruling === message) return;
    await this.#audit(view, { outcome: reason === "PolicyViolation" ? "PolicyViolation" : "Forbidden", rule, reason: message });
    this.#options.logger.warn(MESSAGES.securityFailed, { key: keyOf(view.monitor.metadata), error: message });
  }

  async #tellLost(view: GuardView, { author, lost, refusal, told }: { author: Author; lost: string[]; refusal: Refusal | undefined; told: Told | undefined }): Promise<void> {
    const names = lost.join();
    if (told?.lost === names) return;
    const { logger, recordEvent, clock } = this.#options;
    const { metadata } = view.monitor;
    const message = `authorization failed: ${author.name}, who asked for the monitor, may not use ${lost.join(", ")} any more (${USE_RIGHT}): it is withdrawn from there`;
    await this.#audit(view, { outcome: "Forbidden", rule: refusal?.rule ?? "use", reason: message, clusters: lost });
    logger.warn(MESSAGES.securityFailed, { key: keyOf(metadata), error: message, clusters: lost });
    recordEvent({ resource: HTTP_MONITORS, object: metadata, reason: "AuthorizationLost", message, at: clock.now(), identity: `${clock.now()} ${names}` });
  }

  #audit({ monitor: { metadata } }: GuardView, said: { outcome: "Success" | "Forbidden" | "PolicyViolation"; rule?: string; reason?: string; clusters?: string[] }): Promise<void> {
    const { namespace = "", name, uid } = metadata;
    return this.#options.audit.record({ operation: "reconcile", user: { name: this.#options.hubUser, uid: "", groups: [] }, resource: { kind: HTTP_MONITORS.kind, namespace, name, uid }, ...said });
  }
}
