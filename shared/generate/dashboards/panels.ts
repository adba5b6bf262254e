/** One panel as Grafana writes it down. */
import * as bargauge from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import { BarGaugeDisplayMode, BigValueColorMode, BigValueGraphMode, BigValueTextMode, LegendDisplayMode, LegendPlacement, ReduceDataOptionsBuilder, StackingConfigBuilder, StackingMode, TooltipDisplayMode, SortOrder, VisibilityMode, VizLegendOptionsBuilder, VizOrientation, VizTooltipOptionsBuilder } from "@grafana/grafana-foundation-sdk/common";
import { type DashboardLink, type DynamicConfigValue, FieldColorBuilder, FieldColorModeId, type Panel, type ThresholdsConfig, type ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as statetimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import * as statushistory from "@grafana/grafana-foundation-sdk/statushistory";
import * as table from "@grafana/grafana-foundation-sdk/table";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import { linkToMonitor } from "./links.ts";
import { DATASOURCE } from "./datasource.ts";
import { mappingOf, thresholdsOf } from "./readings.ts";
import type { PanelSpec, Query, View } from "./spec.ts";
import { tableOf } from "./tables.ts";
import { refId, target } from "./targets.ts";

/** What the panel builders of all kinds have in common. */
export interface AnyPanel<P> extends Builder<Panel> {
  title(text: string): P;
  description(text: string): P;
  datasource(reference: typeof DATASOURCE): P;
  withTarget(target: Builder<Dataquery>): P;
  span(columns: number): P;
  height(rows: number): P;
  unit(unit: string): P;
  decimals(digits: number): P;
  mappings(mappings: ValueMapping[]): P;
  thresholds(thresholds: Builder<ThresholdsConfig>): P;
  colorScheme(scheme: Builder<{ mode: FieldColorModeId }>): P;
  noValue(text: string): P;
  dataLinks(links: Builder<DashboardLink>[]): P;
  overrideByName(name: string, properties: DynamicConfigValue[]): P;
  repeat(variable: string): P;
  maxPerRow(count: number): P;
}

const DEFAULT_WIDTH = 12;
const DEFAULT_HEIGHT = 8;

export function panelOf(spec: PanelSpec): Builder<Panel> {
  return BUILDERS[spec.view](spec);
}

const BUILDERS: Readonly<Record<View, (spec: PanelSpec) => Builder<Panel>>> = {
  stat: (spec) => framed(new stat.PanelBuilder(), spec).graphMode(BigValueGraphMode.None).colorMode(BigValueColorMode.Value).textMode(spec.queries.some(isNamed) ? BigValueTextMode.ValueAndName : BigValueTextMode.Value).reduceOptions(lastValues()),
  bars: (spec) => framed(new bargauge.PanelBuilder(), spec).displayMode(BarGaugeDisplayMode.Basic).orientation(VizOrientation.Horizontal).min(0).reduceOptions(lastValues()),
  lines: (spec) => overTime(spec).fillOpacity(spec.queries.length > 1 ? 0 : 8),
  stack: (spec) => overTime(spec).fillOpacity(60).stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A")),
  states: (spec) => framed(new statetimeline.PanelBuilder(), spec).mergeValues(true).showValue(VisibilityMode.Never).rowHeight(0.85).legend(bottomLegend([])),
  heat: (spec) => framed(new statushistory.PanelBuilder(), spec).showValue(VisibilityMode.Never).rowHeight(0.9).legend(bottomLegend([])),
  table: (spec) => tableOf(framed(new table.PanelBuilder(), spec), spec),
};

/** What every panel has: words, size, queries, and how its values read. */
function framed<P extends AnyPanel<P>>(builder: P, spec: PanelSpec): P {
  const panel = builder.title(spec.title).description(spec.description).datasource(DATASOURCE).span(spec.width ?? DEFAULT_WIDTH).height(spec.height ?? DEFAULT_HEIGHT);
  for (const [index, query] of spec.queries.entries()) panel.withTarget(target(query, spec, refId(index)));
  if (spec.opensMonitor === true && spec.view !== "table") panel.dataLinks([linkToMonitor("series")]);
  if (spec.repeat !== undefined) panel.repeat(spec.repeat).maxPerRow(3);
  for (const [name, colour] of Object.entries(spec.colours ?? {})) panel.overrideByName(name, [{ id: "color", value: { mode: FieldColorModeId.Fixed, fixedColor: colour } }]);
  return read(panel, spec);
}

/** How the values of all queries read; a table's columns have their own ways. */
function read<P extends AnyPanel<P>>(panel: P, spec: PanelSpec): P {
  const { unit, decimals, words, steps, empty } = spec;
  if (unit !== undefined) panel.unit(unit);
  if (decimals !== undefined) panel.decimals(decimals);
  if (words !== undefined) panel.mappings([mappingOf(words)]);
  if (steps !== undefined || words !== undefined) panel.thresholds(thresholdsOf(steps ?? []));
  if (empty !== undefined) panel.noValue(empty);
  return panel.colorScheme(new FieldColorBuilder().mode(isColouredByValue(spec) ? FieldColorModeId.Thresholds : FieldColorModeId.PaletteClassicByName));
}

function isColouredByValue({ view, steps, words }: PanelSpec): boolean {
  return view !== "lines" && view !== "stack" && (steps !== undefined || words !== undefined);
}

function overTime(spec: PanelSpec): timeseries.PanelBuilder {
  // oxlint-disable-next-line unicorn/no-array-sort -- no array: a builder's setting.
  const tooltip = new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);
  return framed(new timeseries.PanelBuilder(), spec).showPoints(VisibilityMode.Never).lineWidth(1).axisSoftMin(0).tooltip(tooltip).legend(bottomLegend(["lastNotNull", "max"]));
}

function bottomLegend(calculations: string[]): VizLegendOptionsBuilder {
  const mode = calculations.length === 0 ? LegendDisplayMode.List : LegendDisplayMode.Table;
  return new VizLegendOptionsBuilder().showLegend(true).displayMode(mode).placement(LegendPlacement.Bottom).calcs(calculations);
}

function lastValues(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).fields("").values(false);
}

function isNamed({ legend }: Query): boolean {
  return legend !== "";
}
