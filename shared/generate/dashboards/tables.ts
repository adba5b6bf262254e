/** Tables: one row per object, one column per query. */
import { TableSortByFieldStateBuilder } from "@grafana/grafana-foundation-sdk/common";
import type { DynamicConfigValue } from "@grafana/grafana-foundation-sdk/dashboard";
import type { PanelBuilder } from "@grafana/grafana-foundation-sdk/table";
import { linkToMonitor } from "./links.ts";
import { mappingOf, thresholdsOf } from "./readings.ts";
import type { PanelSpec, Query, Reading } from "./spec.ts";
import { refId } from "./targets.ts";

/** Joins the queries' rows by their labels, names the columns, and sorts by the first of them, the greatest first. */
export function tableOf(panel: PanelBuilder, { queries, opensMonitor }: PanelSpec): PanelBuilder {
  const headings = Object.fromEntries(queries.map(({ legend }, index) => [valueField(index, queries.length), legend]));
  panel.withTransformation({ id: "merge", options: {} });
  panel.withTransformation({ id: "organize", options: { excludeByName: { Time: true }, renameByName: headings, indexByName: {} } });
  for (const query of queries) panel.overrideByName(query.legend, columnOf(query));
  if (opensMonitor === true) panel.overrideByName("monitor", [{ id: "links", value: [linkToMonitor("row").build()] }]);
  const [first] = queries;
  if (first !== undefined) panel.sortBy([new TableSortByFieldStateBuilder().displayName(first.legend).desc(true)]);
  return panel.filterable(true);
}

/** What Grafana calls the values of a query, which depends on whether there are others. */
function valueField(index: number, count: number): string {
  return count === 1 ? "Value" : `Value #${refId(index)}`;
}

function columnOf({ column = {} }: Query): DynamicConfigValue[] {
  return [...numbersOf(column), ...coloursOf(column)];
}

function numbersOf({ unit, decimals, words }: Reading): DynamicConfigValue[] {
  return [
    ...(unit === undefined ? [] : [{ id: "unit", value: unit }]),
    ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
    ...(words === undefined ? [] : [{ id: "mappings", value: [mappingOf(words)] }]),
  ];
}

function coloursOf({ steps, words }: Reading): DynamicConfigValue[] {
  if (steps === undefined && words === undefined) return [];
  return [
    { id: "thresholds", value: thresholdsOf(steps ?? []).build() },
    { id: "color", value: { mode: "thresholds" } },
    { id: "custom.cellOptions", value: { type: "color-text" } },
  ];
}
