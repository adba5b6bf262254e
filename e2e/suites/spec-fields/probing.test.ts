import type { HTTPMonitorSpec } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { conditionOf } from "../../kit/hub-api.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, redirects, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

const CLUSTERS = ["eu-1", "us-1"];
const ANNOTATION = "monitoring.example.com/probe-requested-at";

describe("what a monitor's spec says about its probe", () => {
  let stage: Stage;
  let target: Target;
  withStage(() => openStage("eu-1:eu-west-1:production,us-1:us-east-1:production"), async (opened) => {
    stage = opened;
    ({ target } = opened);
    for (const status of [200, 204, 301, 500]) target.behave(`/${status}`, answers(status));
    for (const path of ["/fresh", "/reuse", "/asked", "/misread"]) target.behave(path, answers(200));
    target.behave("/moved", redirects(302, target.url("/200")));
    target.behave("/far", redirects(302, target.url("/moved")));
  });

  /** Puts a monitor into force, and waits for its verdict. @returns its error message. */
  async function judged(name: string, spec: HTTPMonitorSpec, verdict: string): Promise<string> {
    await stage.api.apply(monitor(name, spec));
    return (await stage.api.untilVerdict(`default/${name}`, verdict)).errorMessage ?? "";
  }

  /** Probes of a path so far, by cluster. */
  function counts(path: string): Record<string, number> {
    return Object.fromEntries(CLUSTERS.map((cluster) => [cluster, target.seen(path).filter((request) => request.cluster === cluster).length]));
  }
  async function ask(name: string, at: string | null): Promise<void> {
    await stage.api.patchMonitor(`default/${name}`, { metadata: { annotations: { [ANNOTATION]: at } } });
  }
  async function untilCounts(path: string, each: number): Promise<void> {
    await waitUntil({ what: `${each} probes of ${path} from each cluster`, timeoutMs: 30_000 }, () => Object.values(counts(path)).every((count) => count >= each));
  }

  it.each<[string, NonNullable<HTTPMonitorSpec["expectedStatuses"]>, string, string]>([
    ["class", ["2xx"], "/204", ""],
    ["number", [200, 204], "/204", ""],
    ["range", ["200-204"], "/204", ""],
    ["none", ["2xx", 301], "/500", "All 2 clusters failed. Last error: unexpected status code: got 500, expected 2xx or 301"],
    ["list-wins", ["5xx"], "/200", "All 2 clusters failed. Last error: unexpected status code: got 200, expected 5xx"],
  ])("judges a response by expectedStatuses: %s", async (name, expectedStatuses, path, message) => {
    expect(await judged(name, { url: target.url(path), expectedStatus: 200, expectedStatuses }, message === "" ? "Healthy" : "Unhealthy")).toBe(message);
  });

  it("follows redirects, unless told not to: then the redirect itself is judged", async () => {
    expect(await judged("followed", { url: target.url("/far") }, "Healthy")).toBe("");
    const last = await judged("as-it-is", { url: target.url("/moved"), redirects: { follow: false } }, "Unhealthy");
    expect(last).toBe("All 2 clusters failed. Last error: unexpected status code: got 302, expected 200");
    expect(await judged("wanted", { url: target.url("/moved"), redirects: { follow: false }, expectedStatuses: ["3xx"] }, "Healthy")).toBe("");
  });

  it("follows at most redirects.max of them", async () => {
    expect(await judged("two", { url: target.url("/far"), redirects: { max: 2 } }, "Healthy")).toBe("");
    expect(await judged("one", { url: target.url("/far"), redirects: { max: 1 } }, "Unhealthy")).toMatch(/TOO_MANY_REDIRECTS: more than 1 redirect/);
  });

  it("opens a new connection for each probe, or keeps one", async () => {
    await judged("fresh", { url: target.url("/fresh") }, "Healthy");
    await judged("reuse", { url: target.url("/reuse"), connection: "Reuse" }, "Healthy");
    const connections = (path: string, cluster: string): number[] => target.seen(path).filter((request) => request.cluster === cluster).map(({ connection }) => connection);
    for (const cluster of CLUSTERS) {
      await waitUntil({ what: `five probes of each from ${cluster}`, timeoutMs: 60_000 }, () => ["/fresh", "/reuse"].every((path) => connections(path, cluster).length >= 5));
      const [fresh, reused] = [connections("/fresh", cluster), connections("/reuse", cluster)];
      expect(new Set(fresh).size).toBe(fresh.length);
      expect(new Set(reused).size).toBe(1);
    }
  });

  describe("probe-requested-at", () => {
    it("asks every cluster for one probe, once for each new value, and not at once where one was asked for just before", async () => {
      await judged("asked", { url: target.url("/asked"), interval: "24h" }, "Healthy");
      expect(counts("/asked")).toEqual({ "eu-1": 1, "us-1": 1 });
      await ask("asked", "2026-01-02T03:04:05Z");
      await untilCounts("/asked", 2);
      // The same instant again, and none at all, ask for nothing; the probe that the next one asks for shows it.
      await ask("asked", "2026-01-02T04:04:05+01:00");
      await ask("asked", null);
      await ask("asked", "2026-01-02T03:04:06Z");
      await untilCounts("/asked", 3);
      expect(counts("/asked")).toEqual({ "eu-1": 3, "us-1": 3 });
      for (const cluster of CLUSTERS) {
        const [, first, second] = target.seen("/asked").filter((request) => request.cluster === cluster);
        expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(5000);
      }
    });

    it("is ignored when it does not parse, and the condition Assigned says so", async () => {
      await judged("misread", { url: target.url("/misread"), interval: "24h" }, "Healthy");
      await ask("misread", "now");
      const status = await stage.api.untilStatus("default/misread", "told", (now) => conditionOf(now, "Assigned")?.message.includes("is ignored") === true);
      expect(conditionOf(status, "Assigned")).toEqual({
        status: "True",
        reason: "Assigned",
        message: `2 clusters are assigned; annotation ${ANNOTATION} is ignored: "now" is not an RFC 3339 time such as 2026-01-02T03:04:05Z`,
      });
      expect(counts("/misread")).toEqual({ "eu-1": 1, "us-1": 1 });
      await ask("misread", "2026-01-02T03:04:07Z");
      await untilCounts("/misread", 2);
      await stage.api.untilStatus("default/misread", "no longer told", (now) => conditionOf(now, "Assigned")?.message === "2 clusters are assigned");
      expect(counts("/misread")).toEqual({ "eu-1": 2, "us-1": 2 });
    });
  });
});
