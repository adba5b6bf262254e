import { describe, expect, it } from "vitest";
import { parseMetrics, select, sum, typesIn } from "./metrics.ts";

const TEXT = `# HELP up Whether it is up.
# TYPE up gauge
up 1
probe_success{namespace="a",monitor="x \\"y\\"\\n"} 0
probe_success{namespace="b",monitor="z"} 1 1700000000000
bucket{le="+Inf"} +Inf
`;

describe("parseMetrics", () => {
  it("reads names, labels with escapes, and values", () => {
    expect(parseMetrics(TEXT)).toEqual([
      { name: "up", labels: {}, value: 1 },
      { name: "probe_success", labels: { namespace: "a", monitor: 'x "y"\n' }, value: 0 },
      { name: "probe_success", labels: { namespace: "b", monitor: "z" }, value: 1 },
      { name: "bucket", labels: { le: "+Inf" }, value: Number.POSITIVE_INFINITY },
    ]);
  });

  it("selects by labels and sums", () => {
    const samples = parseMetrics(TEXT);
    expect(select(samples, "probe_success", { namespace: "b" })).toHaveLength(1);
    expect(sum(samples, "probe_success")).toBe(1);
    expect(sum(samples, "absent")).toBe(0);
  });

  it("knows the types, also of what has no sample", () => {
    expect([...typesIn(`${TEXT}# TYPE idle_total counter\n`)]).toEqual([["up", "gauge"], ["idle_total", "counter"]]);
  });
});
