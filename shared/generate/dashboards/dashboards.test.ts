import { describe, expect, it } from "vitest";
import { MONITOR_UID } from "./links.ts";
import { dashboardFiles, DASHBOARDS } from "./mod.ts";
import type { PanelSpec } from "./spec.ts";

const WIDTH = 24;

describe.each(DASHBOARDS)("the dashboard $title", (dashboard) => {
  const panels = dashboard.rows.flatMap((row) => row.panels);

  it("gives each panel a title of its own, a description in sentences, and queries", () => {
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const { title, description, queries } of panels) {
      expect(description, title).toMatch(/^.+\.$/);
      expect(queries.length, title).toBeGreaterThan(0);
    }
  });

  it("has no panel that reaches beyond the right edge", () => {
    for (const { panels: row } of dashboard.rows) for (const line of linesOf(row)) expect(line, row.map(({ title }) => title).join()).toBeLessThanOrEqual(WIDTH);
  });

  it("knows every variable that its queries name, and uses every one that it knows", () => {
    const known = dashboard.variables.map(({ name }) => name);
    const texts = [...panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)), ...dashboard.variables.map(({ query }) => query)];
    const named = new Set(texts.flatMap((text) => [...text.matchAll(/\$([a-z]\w*)/g)].map(([, name = ""]) => name)));
    expect([...named].toSorted()).toEqual(known.toSorted());
  });

  it("asks of process and runtime only what the hub serves of itself", () => {
    const runtime = panels.flatMap(({ queries }) => queries).filter(({ expr }) => /\b(nodejs|process)_/.test(expr));
    for (const { expr } of runtime) expect(expr).toContain('job="sightline-hub"');
  });

  it("opens a monitor only from what carries its names", () => {
    for (const { title, queries } of panels.filter(({ opensMonitor }) => opensMonitor === true)) {
      for (const { expr } of queries) expect(expr, title).toContain("by (namespace, monitor");
    }
  });
});

describe("the dashboards together", () => {
  it("lead to the monitor's own dashboard, which is one of them", () => {
    expect(DASHBOARDS.map(({ uid }) => uid)).toContain(MONITOR_UID);
    const linking = [...dashboardFiles()].filter(([, text]) => text.includes(`/d/${MONITOR_UID}?var-namespace=`)).map(([name]) => name);
    expect(linking).toEqual(["sightline-fleet.json", "sightline-team.json"]);
  });

  it("name no data source of their own", () => {
    for (const [name, text] of dashboardFiles()) {
      expect([...text.matchAll(/"uid": "(.*)"/g)].map(([, uid]) => uid).filter((uid) => uid !== "${datasource}")).toEqual([name.replace(".json", "")]);
    }
  });
});

/** Widths of the lines into which Grafana breaks a row. */
function linesOf(row: readonly PanelSpec[]): number[] {
  const lines: number[] = [];
  let open = 0;
  for (const { width = 12 } of row) {
    open += width;
    if (open < WIDTH) continue;
    lines.push(open);
    open = 0;
  }
  return lines;
}
