import path from "node:path";

import got from "got";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";

import { openPrometheus, type Prometheus } from "../../kit/prometheus.ts";
import { needsObservers } from "../../sandbox/test-needs.ts";
import { DEPLOYED } from "./support.ts";

type Labels = Readonly<Record<string, string>>;

interface Case {
  readonly when: Labels;
  readonly muted: readonly Labels[];
  readonly told: readonly Labels[];
}

const MONITOR = { alertname: "SightlineMonitorDegraded", namespace: "shop", monitor: "web" };
const BY_TARGET = { ...MONITOR, cause: "target" };
const BY_CLUSTER = { ...MONITOR, cause: "cluster" };
const BY_MISSING = { ...MONITOR, cause: "missing" };
const SILENT = { alertname: "SightlineClusterSilent", cluster: "eu-1" };
const EGRESS = { alertname: "SightlineClusterEgressBroken", cluster: "ap-1" };
const LAGGING = { alertname: "SightlineResultsLagging" };
const WRITES = { alertname: "SightlineWriteBudgetExhausted", kind: "transition" };
const NO_LEADER = { alertname: "SightlineNoLeader" };
const CERTIFICATE = { alertname: "SightlineCertificateExpiring", namespace: "shop", monitor: "web" };
const LEAKS = { alertname: "SightlineResourceLeaks", resource: "secret", kind: "orphaned" };
const STUCK = { ...LEAKS, resource: "finalizer", kind: "stuck" };

const HUB_DOWN = { alertname: "SightlineHubDown" };
const NATS_DOWN = { alertname: "SightlineNatsDown" };

/** What follows from a hub that hears nothing: apart, since some of the latter mute some of the former. */
const VERDICTS = { muted: [BY_CLUSTER, BY_MISSING], told: [BY_TARGET] };
const FIGURES = { muted: [SILENT, LAGGING, WRITES], told: [EGRESS, CERTIFICATE, LEAKS] };

const CASES: Case[] = [
  ...[HUB_DOWN, NO_LEADER, NATS_DOWN].flatMap((when) => [{ when, ...VERDICTS }, { when, ...FIGURES }]),
  { when: NATS_DOWN, muted: [NO_LEADER], told: [HUB_DOWN, EGRESS] },
  { when: SILENT, muted: [BY_CLUSTER], told: [BY_TARGET, BY_MISSING, EGRESS] },
  { when: EGRESS, muted: [BY_CLUSTER], told: [BY_TARGET, BY_MISSING, SILENT] },
  { when: LAGGING, muted: [BY_MISSING], told: [BY_TARGET, BY_CLUSTER, WRITES] },
  { when: { ...CERTIFICATE, severity: "critical" }, muted: [{ ...CERTIFICATE, severity: "warning" }], told: [{ ...CERTIFICATE, monitor: "api", severity: "warning" }, BY_TARGET] },
  { when: { ...LEAKS, alertname: "OrphanedResources" }, muted: [LEAKS], told: [{ ...LEAKS, resource: "configmap" }, STUCK] },
  { when: { ...STUCK, alertname: "StuckFinalizers" }, muted: [STUCK], told: [LEAKS] },
];

/** Our example of Alertmanager's configuration, in a real one that is given alerts by hand. */
describe("an alert that says why", () => {
  let alertmanager: Prometheus;
  const opened = new AsyncDisposableStack();
  afterAll(() => opened.disposeAsync());
  needsObservers(async () => {
    alertmanager = opened.use(await openPrometheus({ jobs: [], alertmanager: path.join(DEPLOYED, "alertmanager.yml") }));
  });

  it.each(CASES)("$when.alertname mutes what follows from it, and nothing else", async ({ when, muted, told }) => {
    onTestFinished(() => tell(alertmanager, [when, ...muted, ...told], { ended: true }));
    await expect.poll(() => alertmanager.held(), { timeout: 10_000 }).toEqual([]);
    await tell(alertmanager, [when, ...muted, ...told], { ended: false });
    await expect.poll(() => byState(alertmanager), { timeout: 10_000 }).toEqual({ muted: sorted(muted), told: sorted([when, ...told]) });
  });
});

async function byState(alertmanager: Prometheus): Promise<{ muted: Labels[]; told: Labels[] }> {
  const held = await alertmanager.held();
  const labelsIn = (wanted: string): Labels[] => sorted(held.filter(({ state }) => state === wanted).map(({ labels }) => labels));
  return { muted: labelsIn("suppressed"), told: labelsIn("active") };
}

async function tell({ parts }: Prometheus, alerts: readonly Labels[], { ended }: { ended: boolean }): Promise<void> {
  const now = Date.now();
  const [startsAt, endsAt] = [now - 60_000, ended ? now - 1 : now + 600_000].map((at) => new Date(at).toISOString());
  await got.post(`${parts.alertmanager}/api/v2/alerts`, { json: alerts.map((labels) => ({ labels, startsAt, endsAt })) });
}

function sorted(alerts: readonly Labels[]): Labels[] {
  const key = (labels: Labels): string => Object.entries(labels).map((entry) => entry.join("=")).toSorted().join();
  return alerts.toSorted((a, b) => key(a).localeCompare(key(b)));
}
