/** A panel's queries as Grafana writes them down. */
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { DATASOURCE } from "./datasource.ts";
import type { PanelSpec, Query } from "./spec.ts";

/** A, B, C… as Grafana's editor names them. */
export function refId(index: number): string {
  return String.fromCodePoint("A".charCodeAt(0) + index);
}

/** Numbers, bars and tables ask for this moment only, the others for the time range. */
export function target({ expr, legend }: Query, { view }: PanelSpec, id: string): DataqueryBuilder {
  const query = new DataqueryBuilder().refId(id).datasource(DATASOURCE).expr(expr).legendFormat(legend);
  if (view === "table") return query.instant().format(PromQueryFormat.Table);
  return view === "stat" || view === "bars" ? query.instant() : query.range();
}
