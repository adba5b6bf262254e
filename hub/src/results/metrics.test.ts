import type { HTTPMonitorStatus } from "@sightline/shared/api";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { registerStatusMetrics } from "./metrics.ts";
import { StatusBoard } from "./status-board.ts";
import { planOver } from "./testing.ts";

const WAITING: HTTPMonitorStatus = { status: "Unknown", errorMessage: "Waiting for the first result of 2 clusters." };
const NO_CLUSTER: HTTPMonitorStatus = { status: "Unknown", errorMessage: "No cluster is assigned: none matches." };
const HEALTHY: HTTPMonitorStatus = { status: "Healthy", errorMessage: "" };
const UNHEALTHY: HTTPMonitorStatus = { status: "Unhealthy", errorMessage: "All 2 clusters failed." };

describe("httpmonitor_transitions_total", () => {
  it.each<[string, (HTTPMonitorStatus | undefined)[], string[]]>([
    ["none for a new monitor's way to its first verdict", [undefined, WAITING, HEALTHY], []],
    ["none for the verdict after no cluster was assigned", [NO_CLUSTER, UNHEALTHY], []],
    ["one for each verdict over another one", [HEALTHY, UNHEALTHY, HEALTHY], ["Healthy", "Unhealthy"]],
  ])("counts %s", async (_what, statuses, counted) => {
    const registry = new Registry();
    const board = new StatusBoard();
    registerStatusMetrics(registry, board);
    statuses.slice(1).forEach((status, index) => board.transitioned(planOver(["eu-1"]), statuses[index], status?.status));
    const lines = (await registry.metrics()).split("\n").filter((line) => line.startsWith("httpmonitor_transitions_total{") && !line.endsWith(" 0"));
    expect(lines).toEqual(counted.map((verdict) => `httpmonitor_transitions_total{status="${verdict}"} 1`));
  });
});
