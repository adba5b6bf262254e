import { describe, expect, it } from "vitest";
import { panelOf } from "./panels.ts";
import type { PanelSpec, View } from "./spec.ts";

const WORDS = [{ value: 1, text: "yes", colour: "green" }] as const;

function spec(view: View, fields: Partial<PanelSpec> = {}): PanelSpec {
  return { title: "A title", description: "What it says.", view, queries: [{ expr: "up", legend: "" }], ...fields };
}

describe("a panel", () => {
  it.each<[View, string]>([
    ["stat", "stat"],
    ["bars", "bargauge"],
    ["lines", "timeseries"],
    ["stack", "timeseries"],
    ["states", "state-timeline"],
    ["heat", "status-history"],
    ["table", "table"],
  ])("that shows %s is Grafana's %s", (view, type) => {
    expect(panelOf(spec(view)).build()).toMatchObject({ type, title: "A title", description: "What it says.", gridPos: { w: 12, h: 8 } });
  });

  it.each<[View, boolean]>([
    ["stat", true],
    ["bars", true],
    ["table", true],
    ["lines", false],
    ["stack", false],
    ["states", false],
    ["heat", false],
  ])("that shows %s asks for this moment only: %s", (view, instant) => {
    expect(panelOf(spec(view)).build().targets).toMatchObject([{ refId: "A", expr: "up", instant, range: !instant }]);
  });

  it("is coloured by value where its values have words or steps, and by series where it has neither", () => {
    const modes = [spec("stat", { words: WORDS }), spec("bars", { steps: [{ from: null, colour: "red" }] }), spec("stat"), spec("lines", { steps: [{ from: null, colour: "red" }] })];
    expect(modes.map((one) => panelOf(one).build().fieldConfig?.defaults.color?.mode)).toEqual(["thresholds", "thresholds", "palette-classic-by-name", "palette-classic-by-name"]);
  });

  it("gives series that it knows a colour of their own", () => {
    const { fieldConfig } = panelOf(spec("stat", { colours: { Healthy: "green" } })).build();
    expect(fieldConfig?.overrides).toEqual([{ matcher: { id: "byName", options: "Healthy" }, properties: [{ id: "color", value: { mode: "fixed", fixedColor: "green" } }] }]);
  });
});

describe("a table", () => {
  it.each([
    ["one query: Grafana calls its values Value", ["up"], { Value: "heading 0" }],
    ["several: by their letters", ["up", "down"], { "Value #A": "heading 0", "Value #B": "heading 1" }],
  ])("names the columns of %s", (_what, exprs, renameByName) => {
    const queries = exprs.map((expr, index) => ({ expr, legend: `heading ${index}` }));
    expect(panelOf(spec("table", { queries })).build()).toMatchObject({
      transformations: [{ id: "merge" }, { id: "organize", options: { renameByName } }],
      options: { sortBy: [{ displayName: "heading 0", desc: true }] },
    });
  });

  it("opens the monitor of a row from its name", () => {
    const [links] = panelOf(spec("table", { opensMonitor: true })).build().fieldConfig?.overrides.filter(({ matcher }) => matcher.options === "monitor") ?? [];
    expect(JSON.stringify(links)).toContain("var-namespace=${__data.fields.namespace}&var-monitor=${__data.fields.monitor}");
  });
});
