/** What `sightline doctor` says, and how a check says it. */
import { formatDuration } from "@sightline/shared";

/** Every check by its stable name, with what it asks. docs/operate/doctor.md lists the same names. */
export const CHECKS = {
  "kubernetes.reachable": "the API server answers, and is new enough",
  "kubernetes.definitions": "the CRDs are those of this version",
  "kubernetes.permissions": "the hub's ServiceAccount may do what the hub does",
  "kubernetes.lease": "one hub leads, and renews its lease",
  "kubernetes.webhooks": "admission webhooks over our kinds are sound",
  "clusters.accepted": "registered clusters are accepted",
  "clusters.reporting": "each accepted cluster's agent reports",
  "clusters.synced": "each agent holds what it was assigned",
  "clusters.clock": "each agent's clock is near the hub's",
  "clusters.version": "each agent is within one minor version",
  "monitors.readable": "every object follows its schema",
  "monitors.verdicts": "every monitor has a status",
  "monitors.ready": "every monitor is in force",
  "monitors.refresh": "statuses can be refreshed as often as monitors are probed",
  "nats.reachable": "NATS answers, over TLS, and accepts the key",
  "nats.version": "its version is new enough",
  "nats.jetstream": "JetStream is on for the account, within its limits",
  "nats.streams": "the streams are as the hub wants them",
  "nats.replicas": "the streams are replicated, and every peer is there",
  "nats.consumers": "each accepted cluster has its consumer",
  "nats.batch": "a transaction may hold 10,000 messages",
  "nats.sync": "what is acknowledged survives a loss of power",
  "nats.storage": "the server's disk and memory have room",
  "clock.offset": "this machine, the API server, NATS and the hubs show the same time",
  "hubs.ready": "each hub is alive and ready, and exactly one leads",
  "agents.ready": "each agent is alive and ready",
  "processes.version": "hubs and agents are of this version",
} as const;

export type CheckName = keyof typeof CHECKS;

/** `not checked` is never as good as `ok`: the message says what kept the check from being made. */
export type State = "ok" | "warning" | "failed" | "not checked";

export interface Finding {
  check: CheckName;
  state: State;
  /** The one thing of several that it is about: a cluster, a stream, a URL. */
  where?: string;
  /** What was seen. */
  message: string;
  /** What would be right, where something is not. */
  advice?: string;
}

/** What was seen, or why it was not: it was `tried` in vain, or nobody asked for it. */
export type Looked<T> = { seen: true; value: T } | Unseen;
export interface Unseen {
  seen: false;
  why: string;
  tried: boolean;
}

/** The results of one check. */
export class Check {
  readonly findings: Finding[] = [];
  readonly #check: CheckName;

  constructor(check: CheckName) {
    this.#check = check;
  }

  warning(message: string, more: Pick<Finding, "where" | "advice"> = {}): this {
    return this.#add("warning", message, more);
  }

  failed(message: string, more: Pick<Finding, "where" | "advice"> = {}): this {
    return this.#add("failed", message, more);
  }

  unchecked(why: string, more: Pick<Finding, "where" | "advice"> = {}): this {
    return this.#add("not checked", why, more);
  }

  ok(message: string, more: Pick<Finding, "where"> = {}): this {
    return this.#add("ok", message, more);
  }

  /** Says that all is well, unless something was said before. */
  elseOk(message: string): Finding[] {
    if (this.findings.length === 0) this.ok(message);
    return this.findings;
  }

  #add(state: State, message: string, more: Pick<Finding, "where" | "advice">): this {
    this.findings.push({ check: this.#check, state, ...more, message });
    return this;
  }
}

/** Decides by what was seen; what could not be seen is not checked. */
export function whenSeen<T>(check: CheckName, looked: Looked<T>, decide: (value: T, check: Check) => Finding[]): Finding[] {
  const said = new Check(check);
  return looked.seen ? decide(looked.value, said) : said.unchecked(looked.why).findings;
}

/** The same of what must answer when it is asked: in vain has failed. */
export function whenReached<T>(check: CheckName, looked: Looked<T>, advice: string, decide: (value: T, check: Check) => Finding[]): Finding[] {
  return !looked.seen && looked.tried ? new Check(check).failed(looked.why, { advice }).findings : whenSeen(check, looked, decide);
}

/** Whether NATS refused it to this key. */
export function isDenied(looked: Looked<unknown>): looked is Unseen {
  return !looked.seen && looked.tried && /permissions violation/i.test(looked.why);
}

/** `3 clusters`, `1 cluster`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** A duration in whole seconds: `1m15s`. */
export function seconds(ms: number): string {
  return formatDuration(Math.round(ms / 1000) * 1000);
}
