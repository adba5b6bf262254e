/** A real Prometheus (and Alertmanager) beside a stage, and what is asked of them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import got from "got";
import { type Observers, type ScrapeJob, startObservers } from "../sandbox/mod.ts";
import { at, listAt, textAt } from "./json.ts";
import type { Sample } from "./metrics.ts";
import type { Stage } from "./sandbox.ts";
import { waitUntil } from "./wait.ts";

/** Bounds every wait, generously: a slow machine is no failure. */
const PATIENCE_MS = 60_000;

export interface PrometheusOptions {
  readonly jobs: readonly ScrapeJob[];
  /** Paths of rule files. */
  readonly rules?: readonly string[];
  /** Path of Alertmanager's configuration; none is started without one. */
  readonly alertmanager?: string;
  /** Between two scrapes, and two evaluations of the rules; 1,000 when absent. */
  readonly intervalMs?: number;
}

/** The hubs and agents of a stage, under the labels by which the rules and dashboards know them. */
export function jobsOf({ sandbox }: Pick<Stage, "sandbox">): [hub: ScrapeJob, agents: ScrapeJob] {
  const { hubs, agents } = sandbox.state;
  return [
    { job: "sightline-hub", urls: hubs.map(({ metrics }) => metrics) },
    { job: "sightline-agent", urls: agents.map(({ metrics }) => metrics) },
  ];
}

/** Starts Prometheus in a temporary folder, which goes away with it. */
export async function openPrometheus({ jobs, rules = [], alertmanager, intervalMs = 1000 }: PrometheusOptions): Promise<Prometheus> {
  const dir = await mkdtemp(path.join(tmpdir(), "sightline-prometheus-"));
  const observers = await startObservers({ dir, prometheus: { jobs, rules, intervalMs }, ...(alertmanager !== undefined && { alertmanager }) });
  return new Prometheus(observers);
}

/** An alert as Alertmanager holds it. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Suppressed: silenced or inhibited. */
  readonly state: "unprocessed" | "active" | "suppressed";
  readonly inhibitedBy: readonly string[];
}

/** An alert as Prometheus evaluates it. */
export interface EvaluatedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
}

export class Prometheus implements AsyncDisposable {
  /** The processes, to be killed or restarted: `prometheus`, `alertmanager`. */
  readonly parts: Observers;

  constructor(parts: Observers) {
    this.parts = parts;
  }

  get url(): string {
    return this.parts.prometheus;
  }

  /** The instant vector of an expression now. Throws with Prometheus' own words when it cannot be evaluated, or is no vector. */
  async query(expression: string): Promise<Sample[]> {
    const body = await ask(this.url, "api/v1/query", { query: expression });
    if (textAt(body, "data", "resultType") === "scalar") return [{ name: "", labels: {}, value: Number(at(body, "data", "result", 1)) }];
    return listAt(body, "data", "result").map((entry) => {
      const { __name__: name = "", ...labels } = textsAt(entry, "metric");
      return { name, labels, value: valueOf(String(at(entry, "value", 1))) };
    });
  }

  /** Waits until the samples of an expression satisfy `condition`, and returns them. */
  async until(expression: string, condition: (samples: Sample[]) => boolean): Promise<Sample[]> {
    return await watch(`${expression} to be as expected`, () => this.query(expression), condition);
  }

  /** Alerts that pend or fire, of one name or all. */
  async alerts(name?: string): Promise<EvaluatedAlert[]> {
    const body = await ask(this.url, "api/v1/alerts");
    const all = listAt(body, "data", "alerts").map((entry) => {
      return { labels: textsAt(entry, "labels"), annotations: textsAt(entry, "annotations"), state: evaluatedState(textAt(entry, "state")) };
    });
    return all.filter(({ labels }) => name === undefined || labels["alertname"] === name);
  }

  /** Waits until the alerts of a name, as Prometheus evaluates them, satisfy `condition`. */
  async untilAlerts(name: string, condition: (alerts: EvaluatedAlert[]) => boolean): Promise<EvaluatedAlert[]> {
    return await watch(`the alerts ${name} to be as expected`, () => this.alerts(name), condition);
  }

  /** What Prometheus says of each of its rules: "" for one that could be evaluated, else why not. */
  async rules(): Promise<{ name: string; error: string }[]> {
    const groups = listAt(await ask(this.url, "api/v1/rules"), "data", "groups");
    const rules = groups.flatMap((group) => listAt(group, "rules"));
    return rules.map((rule) => ({ name: textAt(rule, "name") ?? "", error: textAt(rule, "lastError") ?? "" }));
  }

  /** Alerts that Alertmanager holds, of one name or all. */
  async held(name?: string): Promise<HeldAlert[]> {
    const { alertmanager } = this.parts;
    if (alertmanager === undefined) throw new Error("no Alertmanager was asked for");
    const body = await ask(alertmanager, "api/v2/alerts");
    const all = listAt({ body }, "body").map((entry) => {
      const inhibitedBy = listAt(entry, "status", "inhibitedBy").map(String);
      return { labels: textsAt(entry, "labels"), annotations: textsAt(entry, "annotations"), state: heldState(textAt(entry, "status", "state")), inhibitedBy };
    });
    return all.filter(({ labels }) => name === undefined || labels["alertname"] === name);
  }

  /** Waits until the alerts of a name that Alertmanager holds satisfy `condition`. */
  async untilHeld(name: string, condition: (alerts: HeldAlert[]) => boolean): Promise<HeldAlert[]> {
    return await watch(`Alertmanager's alerts ${name} to be as expected`, () => this.held(name), condition);
  }

  /** Waits until every target that it knows is up, and it knows `count` of them. */
  async untilUp(count: number): Promise<void> {
    await this.until("up", (samples) => samples.length === count && samples.every(({ value }) => value === 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.parts.stop();
    await rm(this.parts.dir, { recursive: true, force: true });
  }
}

async function ask(base: string, path: string, searchParams: Record<string, string> = {}): Promise<unknown> {
  const answer = await got(`${base}/${path}`, { searchParams, retry: { limit: 0 }, timeout: { request: 10_000 }, throwHttpErrors: false });
  const body: unknown = JSON.parse(answer.body);
  if (answer.statusCode !== 200) throw new Error(`${base}/${path} answered ${answer.statusCode}: ${textAt(body, "error") ?? answer.body}`);
  return body;
}

/** Looks until what is seen satisfies `condition`; the error of a vain wait shows what was seen last. */
async function watch<T>(what: string, look: () => Promise<T>, condition: (seen: T) => boolean): Promise<T> {
  let last: T | undefined;
  try {
    return await waitUntil({ what, timeoutMs: PATIENCE_MS, everyMs: 200 }, async () => {
      last = await look();
      return condition(last) ? last : undefined;
    });
  } catch (cause) {
    throw new Error(`waited in vain for ${what}; last seen: ${JSON.stringify(last)}`, { cause });
  }
}

/** The texts under a key, by name. */
function textsAt(value: unknown, key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(at(value, key) ?? {}).map(([name, text]) => [name, String(text)]));
}

function valueOf(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}

function evaluatedState(text: string | undefined): EvaluatedAlert["state"] {
  if (text === "pending" || text === "firing") return text;
  throw new Error(`an alert that is neither pending nor firing: ${text}`);
}

function heldState(text: string | undefined): HeldAlert["state"] {
  if (text === "unprocessed" || text === "active" || text === "suppressed") return text;
  throw new Error(`an alert of an unknown state: ${text}`);
}
