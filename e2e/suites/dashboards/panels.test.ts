import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Prometheus } from "../../kit/prometheus.ts";
import type { Stage } from "../../kit/sandbox.ts";
import { differences, type ExpectedSeries, single, table } from "../../kit/series.ts";
import { withStage } from "../../kit/suite.ts";
import { answers } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { needsObservers } from "../../sandbox/test-needs.ts";
import { fleetView } from "./fleet.ts";
import { hubView } from "./hub.ts";
import { degradedMonitorView, silencedMonitorView, untrustedMonitorView } from "./monitor.ts";
import { readPanels, substitute } from "./panels.ts";
import { factsOf, observeScene, openScene, prepareScene, silenceOne } from "./scene.ts";
import { teamView } from "./team.ts";
import { clusters, type StageFacts, TIME_VARIABLES, type View } from "./view.ts";

const PANELS = readPanels();

/** Every query of every panel, asked of a real Prometheus about a state that is known. */
describe("the dashboards, of a fleet whose state is known", () => {
  let stage: Stage;
  let prometheus: Prometheus;
  let facts: StageFacts;
  withStage(openScene, async (opened) => {
    stage = opened;
    await prepareScene(stage);
    prometheus = await observeScene(stage);
    facts = factsOf(stage);
  }, needsObservers);
  afterAll(async () => await prometheus?.[Symbol.asyncDispose]());

  // So that a rate of reconciles is never a rate of nothing: every monitor is placed again, to the same end.
  beforeEach(async () => await stage?.api.patchRegistration("dark-1", { metadata: { labels: { touched: String(Date.now()) } } }));

  describe.each([
    ["Fleet", () => fleetView(facts)],
    ["Monitor (degraded)", degradedMonitorView],
    ["Monitor (untrusted certificate)", untrustedMonitorView],
    ["Team", teamView],
    ["Hub internals", () => hubView(facts)],
  ])("%s", (name, view) => {
    it.each(PANELS.filter(({ dashboard }) => name.startsWith(dashboard)))("shows: $title", async ({ title, queries }) => {
      const { panels, variables } = view();
      const expected = panels[title];
      expect(expected, "what this panel must show is written down nowhere").toHaveLength(queries.length);
      for (const [index, query] of queries.entries()) await untilAnswered(prometheus, substitute(query, { ...TIME_VARIABLES, ...variables }), expected?.[index] ?? []);
    });

    it("shows every panel that something is expected of, and is there", () => {
      const { dashboard, panels }: View = view();
      expect(Object.keys(panels).toSorted()).toEqual(PANELS.filter((panel) => panel.dashboard === dashboard).map(({ title }) => title).toSorted());
    });
  });

  it.each([
    ["Fleet", "Clusters", { region: "eu-west-1", cluster: ".*" }, single(1)],
    ["Fleet", "Failing monitors by cluster", { region: ".*", cluster: "us-1|ap-1", namespace: ".*" }, clusters({ "us-1": 1, "ap-1": 2 })],
    ["Fleet", "Failing monitors by cluster", { region: "us-east-1", cluster: ".*", namespace: "search" }, clusters({ "us-1": 0 })],
    ["Fleet", "Passing now", { namespace: "search" }, single(1)],
    ["Monitor", "Success by cluster", { namespace: "shop", monitor: "regional", region: ".*", cluster: "ap-1" }, clusters({ "ap-1": 0 }, { namespace: "shop", monitor: "regional" })],
    ["Team", "Passing over the range", { namespace: "search" }, single(1)],
    ["Monitor", "Verdict", { namespace: "shop", monitor: "paused" }, table(["namespace", "monitor"], ["shop", "paused", -1])],
  ])("are narrowed by what is chosen: %s, %s, %o", async (dashboard, title, variables, expected) => {
    await untilAnswered(prometheus, queryOf(dashboard, title, variables), expected);
  });

  it("follow what changes: a monitor that is mended leaves the list of those that fail, and its change of verdict is seen", async () => {
    stage.target.behave("/broken", answers(200));
    await stage.api.untilVerdict("shop/broken", "Healthy");
    await untilAnswered(prometheus, queryOf("Fleet", "Monitors by verdict", { namespace: ".*" }), [
      { labels: { status: "Healthy" }, value: 3 },
      { labels: { status: "Degraded" }, value: 1 },
      { labels: { status: "Unhealthy" }, value: 1 },
      { labels: { status: "Unknown" }, value: 0 },
    ]);
    await prometheus.until(queryOf("Team", "Not healthy now", { namespace: "shop" }), (samples) => samples.every(({ labels }) => labels["monitor"] !== "broken"));
    await prometheus.until(queryOf("Fleet", "Changes of verdicts", {}), (samples) => samples.some(({ labels, value }) => labels["status"] === "Healthy" && value > 0));
  });

  it("name the cluster that is silent, and show nothing of it as current, also while its agent can still be scraped", async () => {
    await silenceOne(stage);
    await stage.api.untilStatus("shop/regional", "Degraded by one that fails and one that is silent", ({ healthyClusterCount }) => healthyClusterCount === 1);
    await prometheus.until('probe_success{cluster="us-1",instance!=""}', (samples) => samples.length === 1);
    const { panels, variables } = silencedMonitorView();
    for (const [title, expected] of Object.entries(panels)) {
      const queries = queriesOf("Monitor", title, variables);
      expect(queries).toHaveLength(expected.length);
      for (const [index, query] of queries.entries()) await untilAnswered(prometheus, query, expected[index] ?? []);
    }
    await untilAnswered(prometheus, queryOf("Fleet", "Failing monitors by cluster", { region: ".*", cluster: ".*", namespace: ".*" }), clusters({ "eu-1": 1, "ap-1": 1 }));
    await untilAnswered(prometheus, queryOf("Team", "Failing by cluster", { namespace: "shop" }), clusters({ "eu-1": 1, "ap-1": 1 }));
  });
});

function queryOf(dashboard: string, title: string, variables: Readonly<Record<string, string>>): string {
  const [query = ""] = queriesOf(dashboard, title, variables);
  return query;
}

function queriesOf(dashboard: string, title: string, variables: Readonly<Record<string, string>>): string[] {
  const queries = PANELS.find((panel) => panel.dashboard === dashboard && panel.title === title)?.queries ?? [];
  return queries.map((query) => substitute(query, { ...TIME_VARIABLES, __rate_interval: "1m", ...variables }));
}

/** Waits until the answer is the expected one; the error of a vain wait says what differed last. */
async function untilAnswered(prometheus: Prometheus, query: string, expected: readonly ExpectedSeries[]): Promise<void> {
  await waitUntil({ what: `the answer to ${query}`, timeoutMs: 60_000, everyMs: 200 }, async () => {
    const wrong = differences(await prometheus.query(query), expected);
    if (wrong.length > 0) throw new Error(wrong.join("; "));
    return true;
  });
}
