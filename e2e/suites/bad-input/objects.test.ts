import { messageOf } from "@sightline/shared";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { select, sum } from "../../kit/metrics.ts";
import { monitor, type MonitorManifest } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { hostileJson } from "../fuzz/hostile.ts";
import { SAMPLES } from "../fuzz/samples.ts";

const MONITORS = "apis/monitoring.example.com/v1/namespaces/default/httpmonitors";

/** What users write by mistake is refused or shown, and disturbs nobody else. */
describe("bad input from users", () => {
  let stage: Stage;
  let target: Target;
  let before: unknown;
  withStage(() => openStage("eu-1:eu-west-1:production,us-1:us-east-1:production"), async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/ok", answers(200));
    await stage.api.apply(monitor("healthy", { url: target.url("/ok") }));
    await stage.api.untilVerdict("default/healthy", "Healthy");
    before = await transitions();
  });

  const ok = (): string => target.url("/ok");

  it.each([
    ["a URL that is none", () => monitor("bad", { url: "shop" }), /absolute http or https URL/],
    ["a URL of another scheme", () => monitor("bad", { url: "ftp://shop.example.com/" }), /absolute http or https URL/],
    ["a URL without a host", () => monitor("bad", { url: "http:///healthz" }), /absolute http or https URL|isURL/],
    ["user info in the URL", () => monitor("bad", { url: "https://me:secret@shop.example.com/" }), /must not hold user info/],
    ["a URL of 3,000 characters", () => monitor("bad", { url: `https://shop.example.com/${"x".repeat(3000)}` }), /Too long|may not be more than 2048/],
    ["a timeout above the interval", () => monitor("bad", { url: ok(), interval: "1s", timeout: "2s" }), /timeout must be at most the interval/],
    ["a negative timeout", () => monitor("bad", { url: ok(), timeout: "-1s" }), /spec\.timeout/],
    ["an interval of half a second", () => monitor("bad", { url: ok(), interval: "500ms", timeout: "100ms" }), /interval must be between 1s and 24h/],
    ["an interval of 25 hours", () => monitor("bad", { url: ok(), interval: "25h" }), /interval must be between 1s and 24h/],
    ["300 KB of headers", () => monitor("bad", { url: ok(), headers: Object.fromEntries(Array.from({ length: 20 }, (_none, index) => [`X-${index}`, "x".repeat(15_000)])) }), /headers/],
    ["one header of 300 KB", () => monitor("bad", { url: ok(), headers: { "X-Big": "x".repeat(300_000) } }), /headers/],
    ["a header that is ours", () => monitor("bad", { url: ok(), headers: { TraceParent: "00" } }), /cannot be given/],
    ["a header with a line break", () => monitor("bad", { url: ok(), headers: { "X-A": "a\r\nX-B: b" } }), /single line/],
    ["a body of 20 KB", () => monitor("bad", { url: ok(), body: "x".repeat(20_000) }), /Too long|may not be more than 16384/],
    ["a name of 64 characters", () => monitor("n".repeat(64), { url: ok() }), /at most 63 characters/],
    ["a name of 253 characters", () => monitor("n".repeat(253), { url: ok() }), /at most 63 characters/],
  ])("%s is refused, with the reason", async (_what, manifest, reason) => {
    await expect(create(manifest())).rejects.toThrow(reason);
  });

  it("an unknown field, and a negative threshold, are refused", async () => {
    const unknown = { ...monitor("bad", { url: ok() }), spec: { url: ok(), intervall: "1s" } };
    await expect(create(unknown)).rejects.toThrow(/unknown field "spec\.intervall"/);
    const negative = { ...monitor("bad", { url: ok() }), spec: { url: ok(), failureThreshold: { failures: -1, window: 2 } } };
    await expect(create(negative)).rejects.toThrow(/failureThreshold/);
  });

  it("a cluster's name with dots, or of 64 characters, is refused", async () => {
    for (const name of ["eu.west", "c".repeat(64), "Eu"]) {
      await expect(stage.api.apply({ apiVersion: "monitoring.example.com/v1", kind: "ClusterRegistration", metadata: { name }, spec: { accepted: true } })).rejects.toThrow(/label|63|RFC 1123/);
    }
  });

  it.each([
    ["cluster-selector", "tier in ("],
    ["clusters", "eu-1,,us"],
    ["regions", "-,"],
    ["environments", "a b c!"],
  ])("an annotation %s that does not parse is refused, with the reason, and what runs goes on", async (annotation, value) => {
    const name = `misread-${annotation}`;
    await stage.api.apply(monitor(name, { url: ok() }, { placement: { clusters: "eu-1" } }));
    await stage.api.untilVerdict(`default/${name}`, "Healthy");
    const change = stage.api.patchMonitor(`default/${name}`, { metadata: { annotations: { [`monitoring.example.com/${annotation}`]: value } } });
    await expect(change).rejects.toThrow(`cluster selection failed: annotation monitoring.example.com/${annotation} is invalid: `);
    expect((await stage.api.monitor(`default/${name}`))?.status).toMatchObject({ status: "Healthy", healthy: "1/1" });
    await stage.api.deleteMonitor(`default/${name}`);
  });

  it("F21: 200 hostile objects and changes get a verdict each, by way of the hub's admission", async () => {
    const seed = Date.now() % 1_000_000;
    const { headersFrom: _none, ...spec } = SAMPLES.monitor.spec;
    const samples = fc.sample(fc.tuple(hostileJson({ ...spec, url: ok(), interval: "1h" }), hostileJson(SAMPLES.placement)), { numRuns: 100, seed });
    const said: string[] = [];
    const tell = (asked: Promise<unknown>): Promise<unknown> => asked.catch((error: unknown) => said.push(messageOf(error)));
    const tryOut = async ([hostile, annotations]: readonly [unknown, unknown], index: number): Promise<void> => {
      const name = `fuzz-${index}`;
      const object = { apiVersion: "monitoring.example.com/v1", kind: "HTTPMonitor", metadata: { name, annotations }, spec: hostile };
      await tell(stage.sandbox.kube.client.post(MONITORS, object));
      await tell(stage.sandbox.kube.client.patch(`${MONITORS}/healthy?dryRun=All`, { metadata: { annotations }, spec: hostile }));
      await tell(stage.api.deleteMonitor(`default/${name}`));
    };
    for (let from = 0; from < samples.length; from += 10) await Promise.all(samples.slice(from, from + 10).map((sample, index) => tryOut(sample, from + index)));
    expect(said.filter((message) => !/refused \S+ \S+: 4\d\d /.test(message)), `seed ${seed}`).toEqual([]);
    expect(said.filter((message) => message.includes("failed calling webhook")), `seed ${seed}`).toEqual([]);
    // Some of both, or nothing was tried.
    expect(said.length).toBeGreaterThan(30);
    expect(said.length).toBeLessThan(200);
  });

  it("and nobody else noticed", async () => {
    expect(await transitions()).toEqual(before);
    const samples = await stage.hubMetrics();
    expect(select(samples, "controller_reconcile_errors_total").filter(({ value }) => value > 0)).toEqual([]);
    expect(sum(samples, "sightline_unreadable_objects_total")).toBe(0);
  });

  async function create(manifest: Omit<MonitorManifest, "spec"> & { spec: object }): Promise<void> {
    await stage.sandbox.kube.client.post(`${MONITORS}?fieldValidation=Strict`, manifest);
  }

  async function transitions(): Promise<unknown> {
    const status = (await stage.api.monitor("default/healthy"))?.status;
    return [status?.status, status?.lastTransitionTime];
  }
});
