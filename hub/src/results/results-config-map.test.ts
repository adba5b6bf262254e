import { describe, expect, it } from "vitest";
import type { ClusterReport } from "./report.ts";
import { isOursToMend, isUpToDate, seenResults, wantedResults } from "./results-config-map.ts";
import { planOver } from "./testing.ts";

const AT = Date.UTC(2026, 0, 1);

function report(cluster: string, change: Partial<ClusterReport> = {}): ClusterReport {
  return { cluster, status: "Success", timestamp: AT, durationMs: 12.5, statusCode: 200, errorMessage: undefined, ...change };
}

describe("the results ConfigMap", () => {
  it("has one key for each cluster, with the contract's fields in the contract's order", () => {
    const { data, name, namespace, labels, owner } = wantedResults(planOver(["eu-1"]), [report("eu-1")]);
    expect(data).toEqual({
      "cluster-eu-1.json": '{"cluster_id":"eu-1","url":"https://shop.example.com/healthz","timestamp":"2026-01-01T00:00:00.000Z","duration_ms":12.5,"status_code":200,"success":true,"error":""}',
    });
    expect({ name, namespace }).toEqual({ name: "checkout-results", namespace: "shop" });
    expect(labels).toEqual({
      "app.kubernetes.io/name": "http-monitor",
      "app.kubernetes.io/component": "results",
      "app.kubernetes.io/managed-by": "http-monitor-operator",
      "httpmonitor.monitoring.example.com/name": "checkout",
    });
    expect(owner).toMatchObject({ kind: "HTTPMonitor", name: "checkout" });
  });

  it("stays valid JSON whatever the error holds, and shows the code of a failure and the reason of a stale cluster", () => {
    const nasty = 'bad "quote" \\ \n \u2028 </script> 💥';
    const reports = [report("a", { status: "Failed", statusCode: 500, errorMessage: nasty }), report("b", { status: "Stale", errorMessage: "no result" }), report("c", { status: "Failed", statusCode: undefined, durationMs: undefined })];
    const { data } = wantedResults(planOver(["a", "b", "c"]), reports);
    expect(JSON.parse(data["cluster-a.json"] ?? "")).toMatchObject({ success: false, status_code: 500, error: nasty });
    expect(JSON.parse(data["cluster-b.json"] ?? "")).toMatchObject({ success: false, status_code: 200, error: "no result" });
    expect(JSON.parse(data["cluster-c.json"] ?? "")).toMatchObject({ success: false, status_code: 0, duration_ms: 0 });
  });

  it("has all of 500 clusters, each with as much as it may say", () => {
    const names = Array.from({ length: 500 }, (_none, index) => `${"c".repeat(59)}-${String(index).padStart(3, "0")}`);
    const { data, labels } = wantedResults(planOver(names), names.map((name) => report(name, { status: "Failed", errorMessage: "x".repeat(512) })));
    expect(Object.keys(data)).toHaveLength(500);
    expect(labels["httpmonitor.monitoring.example.com/truncated"]).toBeUndefined();
  });

  it("leaves passed clusters out past 900 KiB, and says so", () => {
    const names = Array.from({ length: 6000 }, (_none, index) => `c-${index}`);
    const reports = names.map((name, index) => report(name, index % 100 === 0 ? { status: "Failed", errorMessage: "x".repeat(512) } : {}));
    const { data, labels } = wantedResults(planOver(names), reports);
    const bytes = Object.entries(data).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
    expect(bytes).toBeLessThanOrEqual(900 * 1024);
    expect(bytes).toBeGreaterThan(890 * 1024);
    expect(Object.values(data).filter((text) => text.includes('"success":false'))).toHaveLength(60);
    expect(labels["httpmonitor.monitoring.example.com/truncated"]).toBe("true");
  });

  it("is ours while two of its three marks stand, and never when it belongs to another object", () => {
    const plan = planOver(["a"]);
    const wanted = wantedResults(plan, [report("a")]);
    const stored = { ...wanted, uid: "u", resourceVersion: "1", ownerUids: [wanted.owner.uid] };
    const bare = { labels: {}, annotations: {}, ownerUids: [] };
    expect(isOursToMend(stored, plan)).toBe(true);
    expect(isOursToMend({ ...stored, labels: {} }, plan)).toBe(true);
    expect(isOursToMend({ ...stored, annotations: {} }, plan)).toBe(true);
    expect(isOursToMend({ ...stored, ownerUids: [] }, plan)).toBe(true);
    expect(isOursToMend({ ...stored, ownerUids: ["another"] }, plan)).toBe(false);
    expect(isOursToMend({ ...stored, ...bare, labels: wanted.labels }, plan)).toBe(false);
    expect(isOursToMend({ ...stored, ...bare }, plan)).toBe(false);
  });

  it("is written again when a key was changed, added or removed", () => {
    const wanted = wantedResults(planOver(["a"]), [report("a")]);
    const stored = { ...wanted, uid: "u", resourceVersion: "1", ownerUids: [wanted.owner.uid] };
    expect(isUpToDate(seenResults(stored), wanted)).toBe(true);
    expect(isUpToDate(seenResults({ ...stored, data: { ...wanted.data, extra: "" } }), wanted)).toBe(false);
    expect(isUpToDate(seenResults({ ...stored, data: {} }), wanted)).toBe(false);
    expect(isUpToDate(seenResults({ ...stored, labels: {} }), wanted)).toBe(false);
    expect(isUpToDate(seenResults({ ...stored, ownerUids: [] }), wanted)).toBe(false);
    expect(isUpToDate(seenResults({ ...stored, annotations: {} }), wanted)).toBe(false);
    expect(isUpToDate(seenResults({ ...stored, labels: { ...stored.labels, "somebody-elses": "label" } }), wanted)).toBe(true);
  });
});
