/** A whole dashboard as Grafana writes it down: its classic JSON model, which Grafana 11 and later read. */
import { DashboardBuilder, DashboardCursorSync, type Dashboard, DatasourceVariableBuilder, QueryVariableBuilder, RowBuilder, VariableRefresh, VariableSort } from "@grafana/grafana-foundation-sdk/dashboard";
import { DATASOURCE, DATASOURCE_VARIABLE } from "./datasource.ts";
import { linkToOthers, TAG } from "./links.ts";
import { panelOf } from "./panels.ts";
import type { DashboardSpec, RowSpec, VariableSpec } from "./spec.ts";

/** The schema of Grafana 11.0: a later Grafana brings it up to date when it loads it. */
const SCHEMA_VERSION = 39;

export function dashboardOf(spec: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(`Sightline / ${spec.title}`)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .timezone("browser")
    .refresh("30s")
    .time({ from: spec.from, to: "now" })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(linkToOthers())
    .withVariable(new DatasourceVariableBuilder(DATASOURCE_VARIABLE).label("Data source").type("prometheus"));
  for (const variable of spec.variables) builder.withVariable(variableOf(variable));
  for (const row of spec.rows) addRow(builder, row);
  return numbered({ ...builder.build(), schemaVersion: SCHEMA_VERSION });
}

function variableOf({ name, label, query, several = false }: VariableSpec): QueryVariableBuilder {
  const variable = new QueryVariableBuilder(name).label(label).datasource(DATASOURCE).query(query).definition(query).refresh(VariableRefresh.OnTimeRangeChanged);
  // oxlint-disable-next-line unicorn/no-array-sort -- no array: a builder's setting.
  variable.sort(VariableSort.AlphabeticalCaseInsensitiveAsc);
  if (!several) return variable;
  // Also what has an empty label: a cluster without a region is one of all.
  return variable.multi(true).includeAll(true).allValue(".*").current({ text: ["All"], value: ["$__all"] });
}

function addRow(builder: DashboardBuilder, { title, panels }: RowSpec): void {
  builder.withRow(new RowBuilder(title));
  for (const panel of panels) builder.withPanel(panelOf(panel));
}

/** Links to a panel are by its number: in order of appearance. */
function numbered(dashboard: Dashboard): Dashboard {
  return { ...dashboard, panels: (dashboard.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 })) };
}
