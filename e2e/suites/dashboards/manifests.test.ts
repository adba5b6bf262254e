import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { at, listAt, textAt } from "../../kit/json.ts";
import { runGroup } from "../../kit/run.ts";
import { resolveBinaries } from "../../sandbox/mod.ts";
import { silent } from "../../sandbox/progress.ts";
import { needsObservers } from "../../sandbox/test-needs.ts";
import { readPanels } from "./panels.ts";

const DEPLOY = path.join(import.meta.dirname, "..", "..", "..", "deploy");
const PROMETHEUS = path.join(DEPLOY, "prometheus");

/** The ways in which hub and agents are scraped, and what all of them must agree about. */
describe("the manifests for scraping", () => {
  needsObservers();

  it("hold a configuration that Prometheus takes, with its rules", async () => {
    const { promtool } = await resolveBinaries(["promtool"], { report: silent });
    const { status, output } = await runGroup(promtool, ["check", "config", "prometheus.yml"], { cwd: PROMETHEUS, env: {} });
    expect(output).toContain("prometheus.yml is valid prometheus config file syntax");
    expect(status, output).toBe(0);
  });

  it.each([
    { file: "servicemonitor.yaml", kind: "ServiceMonitor", endpoints: "endpoints", job: "sightline-hub", component: "hub" },
    { file: "podmonitor.yaml", kind: "PodMonitor", endpoints: "podMetricsEndpoints", job: "sightline-agent", component: "agent" },
  ])("$file scrapes under the job that rules and dashboards know, and leaves the series' own labels as they are", async ({ file, kind, endpoints, job, component }) => {
    const manifest = await read(path.join(PROMETHEUS, file));
    expect(manifest).toMatchObject({ apiVersion: "monitoring.coreos.com/v1", kind, metadata: { name: job }, spec: { selector: { matchLabels: { "app.kubernetes.io/name": "sightline", "app.kubernetes.io/component": component } } } });
    const all = listAt(manifest, "spec", endpoints);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ port: "http", path: "/metrics", honorLabels: true, relabelings: [{ action: "replace", targetLabel: "job", replacement: job }] });
  });

  it("name the same jobs in a plain Prometheus, and honour labels there too", async () => {
    const jobs = listAt(await read(path.join(PROMETHEUS, "prometheus.yml")), "scrape_configs");
    expect(jobs.map((job) => [textAt(job, "job_name"), at(job, "honor_labels")])).toEqual([
      ["sightline-hub", true],
      ["sightline-agent", true],
    ]);
  });

  it("leave no job that a dashboard asks for out", () => {
    const queries = readPanels().flatMap((panel) => panel.queries);
    const jobs = new Set(queries.flatMap((query) => [...query.matchAll(/job="([^"]*)"/g)].map(([, job]) => job)));
    expect([...jobs]).toEqual(["sightline-hub"]);
  });
});

async function read(file: string): Promise<unknown> {
  return parse(await readFile(file, "utf8"));
}
