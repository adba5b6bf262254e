import path from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { monitor } from "../../kit/monitor.ts";
import { type HeldAlert, jobsOf, openPrometheus, type Prometheus } from "../../kit/prometheus.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, failsIn, type Target } from "../../kit/target.ts";
import { needsObservers } from "../../sandbox/test-needs.ts";
import { DEPLOYED, shortRules } from "./support.ts";

const NAMESPACE = "shop";
/** Run everywhere, and pass: eight of ten are 80 %. */
const FLEET = ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"];
/** Runs everywhere, and fails in eu-1 whatever else happens. */
const BROKEN_IN_EU = "broken-in-eu";

/** Prometheus with the rules that we ship, their times shortened, and Alertmanager with our example, beside a real stage. */
describe("the alerts", () => {
  let stage: Stage;
  let target: Target;
  let prometheus: Prometheus;
  const opened = new AsyncDisposableStack();
  afterAll(() => opened.disposeAsync());
  withStage(
    openStage,
    async (stageOpened) => {
      stage = stageOpened;
      ({ target } = stage);
      await prepareMonitors(stage);
      const rules = opened.use(await shortRules());
      prometheus = opened.use(await openPrometheus({ jobs: jobsOf(stage), rules: [rules.file], alertmanager: path.join(DEPLOYED, "alertmanager.yml") }));
    },
    needsObservers,
  );

  it("have rules that can all be evaluated, targets that are up, and a way to Alertmanager", async () => {
    await prometheus.untilUp(4);
    await prometheus.untilHeld("SightlineWatchdog", (held) => held.length === 1 && states(held)[0] === "active");
    const rules = await prometheus.rules();
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ error }) => error !== "")).toEqual([]);
    expect(await active(prometheus)).toEqual(["SightlineWatchdog"]);
  });

  it("tell of a monitor that becomes Unhealthy, with its namespace, and no longer when it is mended", async () => {
    target.behave("/web", answers(500));
    await stage.api.untilVerdict(`${NAMESPACE}/web`, "Unhealthy");
    const [alert] = await prometheus.untilHeld("SightlineMonitorUnhealthy", (held) => held.length === 1 && states(held)[0] === "active");
    expect(alert?.labels).toMatchObject({ namespace: NAMESPACE, monitor: "web", cause: "target", severity: "critical" });
    target.behave("/web", answers(200));
    await prometheus.untilHeld("SightlineMonitorUnhealthy", (held) => held.length === 0);
  });

  it("tell once of a cluster whose agent stopped: those of its monitors are muted, but not one that fails elsewhere too", async () => {
    target.behave(`/${BROKEN_IN_EU}`, failsIn("eu-west-1"));
    await stage.sandbox.kill("agent-us-1");
    await untilMuted(prometheus, { name: "SightlineClusterSilent", cluster: "us-1", monitors: [...FLEET, "web"] });
    await stage.sandbox.restart("agent-us-1");
    await prometheus.untilHeld("SightlineClusterSilent", (held) => held.length === 0);
    await prometheus.untilHeld("SightlineMonitorDegraded", (held) => held.length === 1);
  });

  it("tell once of a cluster from which nothing can be reached, likewise", async () => {
    for (const name of FLEET) target.behave(`/${name}`, failsIn("ap-south-1"));
    await untilMuted(prometheus, { name: "SightlineClusterEgressBroken", cluster: "ap-1", monitors: FLEET });
    for (const name of FLEET) target.behave(`/${name}`, answers(200));
    await prometheus.untilHeld("SightlineClusterEgressBroken", (held) => held.length === 0);
    await prometheus.untilHeld("SightlineMonitorDegraded", (held) => held.length === 1);
  });

  it("tell of a hub that was killed, no longer of what follows from missing results, and go on to tell of a target that failed", async () => {
    await stage.sandbox.kill("agent-us-1");
    await untilMuted(prometheus, { name: "SightlineClusterSilent", cluster: "us-1", monitors: [...FLEET, "web"] });
    await stage.sandbox.kill("hub-0");
    const [down] = await prometheus.untilHeld("SightlineHubDown", (held) => held.length === 1);
    expect(down).toMatchObject({ state: "active" });
    // For some evaluations no hub has led: the monitors' own series are gone, and their alerts are not.
    await prometheus.until("httpmonitor_status or (max_over_time(sightline:hub_leading[3s]) > 0)", (samples) => samples.length === 0);
    await prometheus.untilHeld("SightlineClusterSilent", (held) => held.length === 1 && states(held)[0] === "suppressed");
    const degraded = await prometheus.held("SightlineMonitorDegraded");
    expect(monitorsOf(degraded, "suppressed")).toEqual([...FLEET, "web"]);
    expect(monitorsOf(degraded, "active")).toEqual([BROKEN_IN_EU]);
    expect(await active(prometheus)).toEqual(["SightlineHubDown", "SightlineMonitorDegraded", "SightlineWatchdog"]);
  });
});

async function prepareMonitors({ api, target }: Stage): Promise<void> {
  await api.ensureNamespace(NAMESPACE);
  for (const cluster of ["eu-1", "us-1", "ap-1"]) await api.patchRegistration(cluster, { spec: { heartbeat: { interval: "1s", grace: "2s" } } });
  for (const name of [...FLEET, BROKEN_IN_EU, "web"]) {
    target.behave(`/${name}`, answers(200));
    await api.apply(monitor(name, { url: target.url(`/${name}`) }, { namespace: NAMESPACE }));
  }
  for (const name of [...FLEET, BROKEN_IN_EU, "web"]) await api.untilVerdict(`${NAMESPACE}/${name}`, "Healthy");
}

/** Waits until one alert tells of a cluster, every monitor but the one that fails elsewhere too is muted, and nothing else is active. */
async function untilMuted(prometheus: Prometheus, { name, cluster, monitors }: { name: string; cluster: string; monitors: readonly string[] }): Promise<void> {
  const told = await prometheus.untilHeld(name, (held) => held.length === 1 && states(held)[0] === "active");
  expect(told[0]?.labels).toMatchObject({ cluster });
  const degraded = await prometheus.untilHeld("SightlineMonitorDegraded", (held) => {
    const muted = held.filter(({ state }) => state === "suppressed");
    return muted.length === monitors.length && held.length === muted.length + 1;
  });
  expect(monitorsOf(degraded, "suppressed")).toEqual(monitors);
  expect(monitorsOf(degraded, "active")).toEqual([BROKEN_IN_EU]);
  expect(await active(prometheus)).toEqual([name, "SightlineMonitorDegraded", "SightlineWatchdog"].toSorted());
}

function states(held: readonly HeldAlert[]): string[] {
  return held.map(({ state }) => state);
}

function monitorsOf(held: readonly HeldAlert[], state: string): string[] {
  return held.filter((alert) => alert.state === state).map(({ labels }) => labels["monitor"] ?? "").toSorted();
}

/** Names of all alerts that somebody would be told of, each as often as it is there. */
async function active(prometheus: Prometheus): Promise<string[]> {
  return (await prometheus.held()).filter(({ state }) => state === "active").map(({ labels }) => labels["alertname"] ?? "").toSorted();
}
