import { describe, expect, it } from "vitest";
import { storedAssignments } from "../../kit/assignment-log.ts";
import { textAt } from "../../kit/json.ts";
import { select } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { probedTwice, storedResults } from "../../kit/result-log.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { agentOf } from "../../kit/stores.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, failsIn, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

const MONITORS = 20;
const CLUSTERS = ["eu-1", "us-1", "ap-1"];

/** What each third of the monitors must show whatever died meanwhile. */
const EXPECTED = ["Healthy", "Unhealthy", "Degraded"] as const;
const PATHS = ["/ok", "/broken", "/regional"] as const;

const nameOf = (number: number): string => `load-${number}`;
const kindOf = (name: string): number => Number(name.slice("load-".length)) % 3;

/** Everything is killed once, one after the other, under load, and then once more: nothing is lost, nothing is made up. */
describe("chaos", () => {
  let stage: Stage;
  let target: Target;
  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/ok", answers(200));
    target.behave("/broken", answers(500));
    target.behave("/regional", failsIn("us-east-1"));
    await stage.api.apply(...Array.from({ length: MONITORS }, (_none, number) => monitor(nameOf(number), { url: target.url(PATHS[number % 3] ?? "") })));
    for (let number = 0; number < MONITORS; number++) await stage.api.untilVerdict(`default/${nameOf(number)}`, EXPECTED[number % 3] ?? "");
  });

  it.each([1, 2])("round %i: hub, agent, NATS and API server are killed one after the other, and all is right again", async () => {
    for (const part of [stage.sandbox.state.hubs[0]?.name ?? "", "nats-server", "kube-apiserver", "agent-eu-1"]) {
      const before = await transitions();
      await stage.sandbox.kill(part);
      target.forget();
      await waitUntil({ what: `probes while ${part} is dead`, timeoutMs: 60_000 }, () => target.seen("/ok").filter(({ cluster }) => cluster === "us-1").length >= 7 * 4);
      await stage.sandbox.restart(part);
      await untilRefreshedSince(Date.now());
      // A dead agent's results do turn stale after 3 s; nothing else that dies says anything about a target.
      if (part !== "agent-eu-1") expect(await transitions()).toEqual(before);
    }
    expect(await assigned()).toEqual(await existing());
    await untilSeriesAre(await names());
    expect(await eventsOfMonitors()).toEqual([]);
    for (const cluster of CLUSTERS) expect(await eventsOf(cluster)).toEqual([]);
    for (const name of await names()) expect(await resultKeys(name)).toEqual(CLUSTERS.map((cluster) => `cluster-${cluster}.json`).toSorted());
  });

  it("no check was probed twice per interval", async () => {
    expect(probedTwice(await storedResults(stage.sandbox), 1000)).toEqual([]);
  });

  it("all monitors go although an agent is dead, and nothing is left of them", async () => {
    const dead = agentOf(stage.sandbox, "ap-1").name;
    await stage.sandbox.kill(dead);
    await Promise.all((await names()).map((name) => stage.api.deleteMonitor(`default/${name}`)));
    await waitUntil({ what: "all monitors to be gone", timeoutMs: 60_000, everyMs: 200 }, async () => (await stage.api.monitors()).length === 0);
    expect(await assigned()).toEqual([]);
    await untilSeriesAre([]);
    for (let number = 0; number < MONITORS; number++) expect(await stage.api.results(`default/${nameOf(number)}`)).toBeUndefined();
    await stage.sandbox.restart(dead);
    await waitUntil({ what: "the agent that was dead to hold nothing", timeoutMs: 60_000 }, async () => {
      const held = select(await stage.agentMetrics("ap-1"), "sightline_agent_held_assignments")[0]?.value;
      return held === 0;
    });
    target.forget();
    await waitUntil({ what: "three intervals", timeoutMs: 30_000 }, passed(3000));
    expect(target.seen("/ok")).toEqual([]);
  });

  /** When each monitor last changed its verdict, and to what. */
  async function transitions(): Promise<Record<string, string>> {
    return Object.fromEntries((await stage.api.monitors()).map(({ metadata, status }) => [metadata.name, `${status?.status} since ${status?.lastTransitionTime}, ${status?.healthy}`]));
  }

  async function names(): Promise<string[]> {
    return (await stage.api.monitors()).map(({ metadata }) => metadata.name).toSorted();
  }

  async function existing(): Promise<string[]> {
    return (await stage.api.monitors()).flatMap(({ metadata }) => CLUSTERS.map((cluster) => `${cluster} ${metadata.uid}`)).toSorted();
  }

  /** What NATS stores: none is missing, none is without a monitor. */
  async function assigned(): Promise<string[]> {
    return [...(await storedAssignments(stage.sandbox))].flatMap(([cluster, { uids }]) => [...uids].map((uid) => `${cluster} ${uid}`)).toSorted();
  }

  async function untilRefreshedSince(sinceMs: number): Promise<void> {
    // An API server that has just started may still refuse for a moment.
    for (const name of await waitUntil({ what: "the monitors to be listed", timeoutMs: 30_000 }, names)) {
      await stage.api.untilStatus(`default/${name}`, "refreshed", (status) => status.status === EXPECTED[kindOf(name)] && (status.clusterResults ?? []).every((line) => Date.parse(line.timestamp ?? "") > sinceMs));
    }
  }

  async function untilSeriesAre(wanted: readonly string[]): Promise<void> {
    await waitUntil({ what: "the hub's series to be those of the monitors that exist", timeoutMs: 30_000 }, async () => {
      const shown = select(await stage.hubMetrics(), "httpmonitor_status").filter(({ value }) => value === 1);
      return shown.map(({ labels }) => labels["monitor"] ?? "").toSorted().join() === wanted.join() && shown.every(({ labels }) => labels["status"] === EXPECTED[kindOf(labels["monitor"] ?? "")]);
    });
  }

  async function eventsOfMonitors(): Promise<string[]> {
    const events = await Promise.all((await names()).map((name) => stage.api.eventsAbout(`default/${name}`)));
    return events.flat().map((event) => textAt(event, "reason") ?? "");
  }

  async function eventsOf(cluster: string): Promise<string[]> {
    return (await stage.api.eventsAbout(`default/${cluster}`)).map((event) => textAt(event, "reason") ?? "");
  }

  async function resultKeys(name: string): Promise<string[]> {
    const results = await stage.api.results(`default/${name}`);
    const data: unknown = typeof results === "object" && results !== null ? Reflect.get(results, "data") : {};
    return Object.keys(typeof data === "object" && data !== null ? data : {}).toSorted();
  }
});

function passed(ms: number): () => boolean {
  const end = Date.now() + ms;
  return () => Date.now() >= end;
}
