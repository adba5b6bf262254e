import { describe, expect, it } from "vitest";

import { at, listAt } from "../../kit/json.ts";
import { renderPrometheusConfig } from "./prometheus.ts";

const settings = { jobs: [{ job: "sightline-agent", urls: ["http://127.0.0.1:1/metrics", "http://127.0.0.1:2/metrics"] }], rules: ["/r.yml"], intervalMs: 1500 };

describe("the configuration of Prometheus", () => {
  const config: unknown = JSON.parse(renderPrometheusConfig(settings, "http://127.0.0.1:9"));

  it("puts all targets of a job under its label, and lets series keep their own labels", () => {
    const scrapes = listAt(config, "scrape_configs");
    expect(scrapes.map((scrape) => at(scrape, "static_configs", 0))).toEqual([
      { targets: ["127.0.0.1:1"], labels: { job: "sightline-agent" } },
      { targets: ["127.0.0.1:2"], labels: { job: "sightline-agent" } },
    ]);
    expect(scrapes.map((scrape) => [at(scrape, "honor_labels"), at(scrape, "metrics_path")])).toEqual([[true, "/metrics"], [true, "/metrics"]]);
    expect(new Set(scrapes.map((scrape) => at(scrape, "job_name"))).size).toBe(2);
  });

  it("scrapes and evaluates at the same pace, and sends alerts where it is told to", () => {
    expect(at(config, "global")).toMatchObject({ scrape_interval: "1500ms", evaluation_interval: "1500ms" });
    expect(at(config, "alerting", "alertmanagers", 0, "static_configs", 0, "targets")).toEqual(["127.0.0.1:9"]);
    expect(JSON.parse(renderPrometheusConfig(settings))).not.toHaveProperty("alerting");
  });
});
