import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { at, listAt, textAt } from "../../kit/json.ts";
import { sum } from "../../kit/metrics.ts";
import { openPrometheus, type Prometheus } from "../../kit/prometheus.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { answers, startTarget, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

/** Looks come every second, so that several go by in a test; what has been left behind for two is a leak. */
const LEAK_INTERVAL = "1s";
const LEAK_AGE = "2s";

const PATIENCE_MS = 60_000;

/** Where Alertmanager takes alerts in. */
const ALERTS = "/api/v2/alerts";

/** A stage whose hub tells a real Alertmanager of leaks, and another receiver, which remembers what it was told. */
export interface LeakStage extends Stage {
  observers: Prometheus;
  receiver: Target;
}

export async function openLeakStage(): Promise<LeakStage> {
  const dir = await mkdtemp(path.join(tmpdir(), "sightline-alertmanager-"));
  const config = path.join(dir, "alertmanager.yml");
  await writeFile(config, "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n");
  const observers = await openPrometheus({ jobs: [], alertmanager: config });
  const receiver = await startTarget();
  receiver.behave(ALERTS, answers(200));
  const alertmanagers = [observers.parts.alertmanager ?? "", receiver.url("/")].join();
  const hub = ["--alertmanager-url", alertmanagers, "--leak-interval", LEAK_INTERVAL, "--leak-age", LEAK_AGE];
  const stage = await openStage(undefined, { flags: { hub } });
  return {
    ...stage,
    observers,
    receiver,
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await observers[Symbol.asyncDispose]();
      await receiver.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Something of ours in the namespace `default`, as the hub would label it, whose owner is an HTTPMonitor of that name and UID. */
export function owned(kind: "Secret" | "ConfigMap", name: string, owner: { name: string; uid: string }): object {
  return {
    apiVersion: "v1",
    kind,
    metadata: {
      name,
      namespace: "default",
      labels: { "app.kubernetes.io/managed-by": "http-monitor-operator" },
      ownerReferences: [{ apiVersion: "monitoring.example.com/v1", kind: "HTTPMonitor", ...owner }],
    },
  };
}

/** Reasons of the Events about an object, in the order of their names' time; each with how often it was counted. */
export async function reasonsOf(stage: Stage, key: string): Promise<string[]> {
  const events = await stage.api.eventsAbout(key);
  return events.toSorted((a, b) => Number(at(a, "metadata", "resourceVersion")) - Number(at(b, "metadata", "resourceVersion"))).map((event) => `${textAt(event, "type")} ${textAt(event, "reason")} x${String(at(event, "count"))}`);
}

/** Waits until the Events about an object are these, in this order. */
export async function untilReasons(stage: Stage, key: string, expected: readonly string[]): Promise<void> {
  await waitUntil({ what: `the Events about ${key} to be ${expected.join(", ")}`, timeoutMs: PATIENCE_MS }, async () => {
    const seen = await reasonsOf(stage, key);
    if (seen.join() === expected.join()) return true;
    throw new Error(`they are ${seen.join(", ")}`);
  });
}

/** Leaks of a kind: how many were ever found, and how many are there now. */
export async function leaks(stage: Stage, resource: string): Promise<{ found: number; now: number }> {
  const samples = await stage.hubMetrics();
  return { found: sum(samples, "resource_leaks_total", { resource }), now: sum(samples, "resource_leaks", { resource }) };
}

export async function untilLeaks(stage: Stage, resource: string, expected: { found: number; now: number }): Promise<void> {
  await waitUntil({ what: `leaks of ${resource} to be ${JSON.stringify(expected)}`, timeoutMs: PATIENCE_MS }, async () => {
    const seen = await leaks(stage, resource);
    if (seen.found === expected.found && seen.now === expected.now) return true;
    throw new Error(`they are ${JSON.stringify(seen)}`);
  });
}

/** Waits until Alertmanager holds exactly one alert of this name and resource, and it says this. */
export async function untilAlert(stage: LeakStage, name: string, resource: string, summary: string): Promise<void> {
  await stage.observers.untilHeld(name, (alerts) => {
    const held = alerts.filter(({ labels }) => labels["resource"] === resource);
    return held.length === 1 && held[0]?.state === "active" && held[0].annotations["summary"] === summary;
  });
}

/**
 * Waits until the hub has told the end of this alert, and Alertmanager holds it no more. The latter alone proves nothing:
 * there an alert that nobody tells of lapses by itself.
 */
export async function untilResolved(stage: LeakStage, name: string, resource: string): Promise<void> {
  await waitUntil({ what: `the end of ${name} of ${resource} to be told`, timeoutMs: PATIENCE_MS }, () => {
    const last = toldOf(stage.receiver, name, resource).at(-1);
    return last !== undefined && last.endsAt <= last.at;
  });
  await stage.observers.untilHeld(name, (alerts) => alerts.every(({ labels }) => labels["resource"] !== resource));
}

/** When the receiver was told of an alert, and the end that the hub gave it: a standing one's lies ahead. */
function toldOf(receiver: Target, name: string, resource: string): { at: number; endsAt: number }[] {
  return receiver.seen(ALERTS).flatMap(({ at: time, body }) => {
    const told: unknown = JSON.parse(body);
    const alerts = listAt({ told }, "told").filter((alert) => textAt(alert, "labels", "alertname") === name && textAt(alert, "labels", "resource") === resource);
    return alerts.map((alert) => ({ at: time, endsAt: Date.parse(textAt(alert, "endsAt") ?? "") }));
  });
}

/** Lines of the hub's log with this message. */
export async function logged(stage: Stage, message: string): Promise<unknown[]> {
  const text = await readFile(path.join(stage.sandbox.dir, "logs", "hub-0.log"), "utf8");
  return text.split("\n").filter((line) => line.includes(`"${message}"`)).map((line): unknown => JSON.parse(line));
}

/** True from `ms` after the call on. */
export function passed(ms: number): () => boolean {
  const end = Date.now() + ms;
  return () => Date.now() >= end;
}
