import type { ExpectedSeries, ExpectedValue } from "../../kit/series.ts";

/** A dashboard with a choice of its variables, and what each query of each panel must answer then, in their order. */
export interface View {
  readonly dashboard: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly panels: Readonly<Record<string, readonly (readonly ExpectedSeries[])[]>>;
}

/** Facts that only the running stage knows. */
export interface StageFacts {
  /** The hub's `instance` label. */
  readonly instance: string;
  readonly version: string;
  readonly node: string;
}

/** What Grafana would put in the place of its own variables. In a rate's time lies at least one heartbeat of each agent. */
export const TIME_VARIABLES = { __rate_interval: "15s", __range: "10m" };

/** Every value of a variable. */
export const ALL = ".*";

const REGIONS = { "eu-1": "eu-west-1", "us-1": "us-east-1", "ap-1": "ap-south-1", "dark-1": "eu-west-1" } as const;

export type ClusterName = keyof typeof REGIONS;

/** One series for each named cluster, with its region. */
export function clusters(values: Partial<Record<ClusterName, ExpectedValue>>, labels: Readonly<Record<string, string>> = {}): ExpectedSeries[] {
  const names = ["eu-1", "us-1", "ap-1", "dark-1"] as const;
  return names.flatMap((cluster) => {
    const value = values[cluster];
    return value === undefined ? [] : [{ labels: { ...labels, cluster, region: REGIONS[cluster] }, value }];
  });
}

/** The same value for each cluster that has an agent. */
export function eachAgent(value: ExpectedValue): ExpectedSeries[] {
  return clusters({ "eu-1": value, "us-1": value, "ap-1": value });
}
