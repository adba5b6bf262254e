/** Our dashboards as files of deploy/grafana/dashboards. */
import { dashboardOf } from "./dashboard.ts";
import { FLEET } from "./fleet.ts";
import { HUB_DASHBOARD } from "./hub.ts";
import { MONITOR_DASHBOARD } from "./monitor.ts";
import type { DashboardSpec } from "./spec.ts";
import { TEAM_DASHBOARD } from "./team.ts";

export const DASHBOARDS: readonly DashboardSpec[] = [FLEET, MONITOR_DASHBOARD, TEAM_DASHBOARD, HUB_DASHBOARD];

/** File name to JSON text. */
export function dashboardFiles(): Map<string, string> {
  return new Map(DASHBOARDS.map((spec) => [`${spec.uid}.json`, `${JSON.stringify(dashboardOf(spec), null, 2)}\n`]));
}
