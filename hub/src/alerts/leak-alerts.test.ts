import { describe, expect, it } from "vitest";
import type { LeakResource } from "../leaks/leak-book.ts";
import { type Alerts, nextAlerts, NO_ALERTS } from "./leak-alerts.ts";

const MINUTE = 60_000;
const INTERVAL_MS = 5 * MINUTE;

function leaks(count: number, leak: LeakResource = "secret"): { leak: LeakResource; name: string }[] {
  return Array.from({ length: count }, (_none, number) => ({ leak, name: `${leak} shop/s${number}` }));
}

/** The alerts after looks that found so many orphaned Secrets, at the given minutes. */
function after(...looks: readonly (readonly [minute: number, count: number])[]): Alerts {
  return looks.reduce<Alerts>((alerts, [minute, count]) => nextAlerts(alerts, leaks(count), { now: minute * MINUTE, intervalMs: INTERVAL_MS }), NO_ALERTS);
}

function linkOf(runbookUrl?: string): string | undefined {
  return nextAlerts(NO_ALERTS, leaks(1), { now: 0, intervalMs: INTERVAL_MS, runbookUrl }).get("secret")?.annotations["runbook_url"];
}

describe("alerts of leaks", () => {
  it("are none without leaks", () => {
    expect(after([0, 0]).size).toBe(0);
  });

  it("are one for all of a kind, by the sentence and with stable labels", () => {
    const one = after([0, 1]).get("secret");
    const many = after([0, 12]).get("secret");
    expect(one?.labels).toEqual({ alertname: "OrphanedResources", resource: "secret", kind: "orphaned", severity: "warning", job: "sightline-hub" });
    expect(many?.labels).toEqual(one?.labels);
    expect(one?.annotations["summary"]).toBe("Found 1 orphaned secrets");
    expect(many?.annotations["summary"]).toBe("Found 12 orphaned secrets");
    expect(many?.annotations["description"]).toMatch(/^secret shop\/s0, secret shop\/s1, .* and 2 more$/);
  });

  it("link to what to do only where that is published", () => {
    expect([linkOf(), linkOf("https://wiki.example.com/")]).toEqual([undefined, "https://wiki.example.com/operate/leaks.md"]);
  });

  it.each([
    ["configmap", "OrphanedResources", "Found 2 orphaned configmaps"],
    ["assignment", "OrphanedResources", "Found 2 orphaned assignments"],
    ["finalizer", "StuckFinalizers", "Found 2 resources with stuck finalizers"],
  ] as const)("of a %s are named %s", (resource, alertname, summary) => {
    const alerts = nextAlerts(NO_ALERTS, leaks(2, resource), { now: 0, intervalMs: INTERVAL_MS });
    expect([...alerts]).toMatchObject([[resource, { labels: { alertname }, annotations: { summary } }]]);
  });

  it("are refreshed while they stand: they began once, and end three looks after the last", () => {
    expect(after([0, 1], [5, 2], [10, 1]).get("secret")).toMatchObject({ startsAt: 0, endsAt: 25 * MINUTE, resolved: false });
  });

  it("are resolved when the last leak is gone, told so for three looks, and begin anew after that", () => {
    const resolved = { startsAt: 0, endsAt: 5 * MINUTE, resolved: true };
    expect(after([0, 1], [5, 0]).get("secret")).toMatchObject(resolved);
    expect(after([0, 1], [5, 0], [10, 0], [15, 0]).get("secret")).toMatchObject(resolved);
    expect(after([0, 1], [5, 0], [10, 0], [15, 0], [20, 0]).size).toBe(0);
    expect(after([0, 1], [5, 0], [10, 1]).get("secret")).toMatchObject({ startsAt: 10 * MINUTE, endsAt: 25 * MINUTE, resolved: false });
  });
});
