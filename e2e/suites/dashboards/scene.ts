import { RESULTS_LABELS, RESULTS_MONITOR_LABEL } from "@sightline/shared/api";
import manifest from "@sightline/hub/package.json" with { type: "json" };
import { select, sum } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { openPrometheus, jobsOf, type Prometheus } from "../../kit/prometheus.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { answers, answersAfter, type Behaviour, failsIn } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { THREE_CLUSTERS } from "../../sandbox/mod.ts";
import type { StageFacts } from "./view.ts";

/** How long the slow monitor's target waits. Seconds. */
export const SLOW_S = 0.2;

/** A page that says the same of one pair as us-1's agent: a pair that is scraped thrice must weigh no more than others. */
const COPY = "/copy-of-an-agent";

/** Leaks are looked for at once, and counted at once. */
export async function openScene(): Promise<Stage> {
  return await openStage(THREE_CLUSTERS, { flags: { hub: ["--leak-interval", "1s", "--leak-age", "1s"] } });
}

/**
 * The state that the dashboards are asked about. Namespace `shop`: `ok` passes everywhere, `regional` fails in ap-1,
 * `broken` fails everywhere, `secure` runs in eu-1 only and fails there: agents do not know the authority of the API
 * server's certificate; `paused` failed in us-1, and is suspended since. A results ConfigMap
 * of `gone` is orphaned. Namespace `search`: `slow` passes everywhere, slowly. Cluster `dark-1` never had an agent.
 */
export async function prepareScene(stage: Stage): Promise<void> {
  const { api, target, sandbox } = stage;
  target.behave("/ok", answers(200));
  target.behave("/regional", failsIn("ap-south-1"));
  target.behave("/broken", answers(500));
  target.behave("/slow", answersAfter(SLOW_S * 1000));
  for (const name of ["shop", "search"]) await api.ensureNamespace(name);
  await api.apply({ apiVersion: "monitoring.example.com/v1", kind: "ClusterRegistration", metadata: { name: "dark-1" }, spec: { region: "eu-west-1", environment: "staging", accepted: false } });
  const shop = { namespace: "shop" };
  await api.apply(
    monitor("ok", { url: target.url("/ok") }, shop),
    monitor("regional", { url: target.url("/regional") }, shop),
    monitor("broken", { url: target.url("/broken") }, shop),
    monitor("secure", { url: `${sandbox.kube.server}/livez` }, { ...shop, placement: { clusters: "eu-1" } }),
    monitor("paused", { url: target.url("/broken") }, { ...shop, placement: { clusters: "us-1" } }),
    monitor("slow", { url: target.url("/slow") }, { namespace: "search" }),
  );
  const verdicts = { "shop/ok": "Healthy", "shop/regional": "Degraded", "shop/broken": "Unhealthy", "shop/secure": "Unhealthy", "shop/paused": "Unhealthy", "search/slow": "Healthy" };
  for (const [key, verdict] of Object.entries(verdicts)) await api.untilVerdict(key, verdict);
  await api.patchMonitor("shop/paused", { spec: { suspend: true } });
  await waitUntil({ what: "the suspension of paused", timeoutMs: 60_000 }, async () => {
    return sum(await stage.hubMetrics(), "httpmonitor_suspended", { monitor: "paused" }) === 1 && select(await stage.agentMetrics("us-1"), "probe_success", { monitor: "paused" }).length === 0;
  });
}

/** Opened when the scene stands: what it stores knows nothing else, so that a mean over time is known too. */
export async function observeScene(stage: Stage): Promise<Prometheus> {
  stage.target.behave(COPY, copyOfAgent);
  const [hub, agents] = jobsOf(stage);
  const prometheus = await openPrometheus({ jobs: [hub, { ...agents, urls: [...agents.urls, stage.target.url(COPY)] }] });
  await prometheus.untilUp(5);
  await prometheus.until("resource_leaks_total", (samples) => samples.length > 0);
  // Only now, so that its count is seen to rise: results of a monitor that never was.
  await stage.api.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "gone-results", namespace: "shop", labels: { ...RESULTS_LABELS, [RESULTS_MONITOR_LABEL]: "gone" } } });
  return prometheus;
}

/** Silences us-1: its agent stands still. Its copy is scraped on, as an agent would be that only NATS has lost. */
export async function silenceOne({ api, sandbox }: Stage): Promise<void> {
  await api.patchRegistration("us-1", { spec: { heartbeat: { interval: "1s", grace: "2s" } } });
  await waitUntil({ what: "us-1 to beat every second", timeoutMs: 60_000 }, async () => (await api.registration("us-1"))?.status?.heartbeatInterval === "1s");
  await sandbox.pause("agent-us-1");
}

const copyOfAgent: Behaviour = (_request, response) => {
  const pair = 'namespace="shop",monitor="regional",cluster="us-1",region="us-east-1"';
  response.writeHead(200, { "Content-Type": "text/plain; version=0.0.4" }).end(`probe_success{${pair}} 1\nprobe_http_status_code{${pair}} 200\n`);
};

/** What only the running stage knows of itself. Hub and agent are of one version, and run on the Node of this process. */
export function factsOf({ sandbox }: Stage): StageFacts {
  return { instance: new URL(sandbox.state.hubs[0]?.metrics ?? "").host, version: manifest.version, node: process.version };
}
