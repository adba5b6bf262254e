import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { ControllerMetrics } from "./metrics.ts";

interface Bench {
  metrics: ControllerMetrics;
  series: () => Promise<string[]>;
}

/** With reconciles of the namespaces `shop` and `gone`, some of them failed, and of no namespace. */
function bench(): Bench {
  const registry = new Registry();
  const metrics = new ControllerMetrics(registry);
  for (const namespace of ["shop", "gone", ""]) {
    metrics.reconciled({ controller: "c", namespace, outcome: "success", durationMs: 3 });
    metrics.reconciled({ controller: "c", namespace, outcome: "error", durationMs: 3, errorType: "UNAVAILABLE" });
    metrics.reconciled({ controller: "c", namespace, outcome: "terminal", durationMs: 3, errorType: "INVALID" });
  }
  const series = async (): Promise<string[]> => (await registry.metrics()).split("\n").filter((line) => line.startsWith("controller_reconcile"));
  return { metrics, series };
}

describe("the metrics of controllers", () => {
  it("lose every series of a namespace that is not kept, and no other", async () => {
    const { metrics, series } = bench();
    const before = await series();
    metrics.keepNamespaces(new Set(["shop"]));
    expect(await series()).toEqual(before.filter((line) => !line.includes('namespace="gone"')));
    expect(before.filter((line) => line.includes('namespace="gone"'))).toHaveLength(4 + 2 + 11 + 2);
  });

  it("begin at 0 when the namespace is back", async () => {
    const { metrics, series } = bench();
    metrics.keepNamespaces(new Set());
    metrics.reconciled({ controller: "c", namespace: "gone", outcome: "success", durationMs: 3 });
    const total = (await series()).filter((line) => line.startsWith("controller_reconcile_total") && line.includes('"gone"'));
    expect(total.filter((line) => line.endsWith(" 0"))).toHaveLength(3);
    expect(total.filter((line) => line.endsWith(" 1"))).toHaveLength(1);
  });
});
