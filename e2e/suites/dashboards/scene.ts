import { RESULTS_LABELS, RESULTS_MONITOR_LABEL } from "@sightline/shared/api";
import manifest from "@sightline/hub/package.json" with { type: "json" };
import { monitor } from "../../kit/monitor.ts";
import { openPrometheus, jobsOf, type Prometheus } from "../../kit/prometheus.ts";
import { openStage, type Stage, THREE_CLUSTERS } from "../../kit/sandbox.ts";
import { answers, answersAfter, failsIn } from "../../kit/target.ts";
import type { StageFacts } from "./view.ts";

/** How long the slow monitor's target waits. Seconds. */
export const SLOW_S = 0.2;

/** Leaks are looked for at once, and counted at once. */
export async function openScene(): Promise<Stage> {
  return await openStage(THREE_CLUSTERS, { flags: { hub: ["--leak-interval", "1s", "--leak-age", "1s"] } });
}

/**
 * The state that the dashboards are asked about. Namespace `shop`: `ok` passes everywhere, `regional` fails in ap-1,
 * `broken` fails everywhere, `secure` runs in eu-1 only and fails there: agents do not know the authority of the API
 * server's certificate. A results ConfigMap of `gone` is orphaned. Namespace `search`: `slow` passes everywhere, slowly. Cluster `dark-1` never had an agent.
 */
export async function prepareScene({ api, target, sandbox }: Stage): Promise<void> {
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
    monitor("slow", { url: target.url("/slow") }, { namespace: "search" }),
  );
  const verdicts = { "shop/ok": "Healthy", "shop/regional": "Degraded", "shop/broken": "Unhealthy", "shop/secure": "Unhealthy", "search/slow": "Healthy" };
  for (const [key, verdict] of Object.entries(verdicts)) await api.untilVerdict(key, verdict);
}

/** Opened when the scene stands: what it stores knows nothing else, so that a mean over time is known too. */
export async function observeScene(stage: Stage): Promise<Prometheus> {
  const prometheus = await openPrometheus({ jobs: jobsOf(stage) });
  await prometheus.untilUp(4);
  await prometheus.until("resource_leaks_total", (samples) => samples.length > 0);
  // Only now, so that its count is seen to rise: results of a monitor that never was.
  await stage.api.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "gone-results", namespace: "shop", labels: { ...RESULTS_LABELS, [RESULTS_MONITOR_LABEL]: "gone" } } });
  return prometheus;
}

/** What only the running stage knows of itself. Hub and agent are of one version, and run on the Node of this process. */
export function factsOf({ sandbox }: Stage): StageFacts {
  return { instance: new URL(sandbox.state.hubs[0]?.metrics ?? "").host, version: manifest.version, node: process.version };
}
