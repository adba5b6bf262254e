/** Ways from one dashboard to another. They keep data source and time range. */
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import { type DashboardLink, DashboardLinkBuilder, DashboardLinkType } from "@grafana/grafana-foundation-sdk/dashboard";
import { DATASOURCE_VARIABLE } from "./datasource.ts";

/** All of our dashboards carry it, and the list of links is made from it. */
export const TAG = "sightline";

export const MONITOR_UID = "sightline-monitor";

/** Where the clicked thing keeps its labels: a series in its own, a table's row in the fields of the same names. */
const LABELS = { series: "__field.labels", row: "__data.fields" } as const;

export function linkToMonitor(clicked: keyof typeof LABELS): Builder<DashboardLink> {
  const labels = LABELS[clicked];
  const url = `/d/${MONITOR_UID}?var-namespace=\${${labels}.namespace}&var-monitor=\${${labels}.monitor}&\${${DATASOURCE_VARIABLE}:queryparam}&\${__url_time_range}`;
  return withoutPlacement(new DashboardLinkBuilder("Open the monitor").url(url));
}

/** The others, as a row of links above the panels. */
export function linkToOthers(): Builder<DashboardLink> {
  return withoutPlacement(new DashboardLinkBuilder("Sightline").type(DashboardLinkType.Dashboards).tags([TAG]).keepTime(true));
}

/** Grafana's default place; the library's own choice would hide a link in a menu. */
function withoutPlacement(builder: Builder<DashboardLink>): Builder<DashboardLink> {
  return {
    build: () => {
      const { placement: _placement, ...link } = builder.build();
      return link;
    },
  };
}
