import { single, table } from "../../kit/series.ts";
import { ALL, clusters, eachAgent, type View } from "./view.ts";

const QUICKLY = [0, 1] as const;

/** Phases that every probe of a target without TLS on 127.0.0.1 spends time in, and those that it does not. */
const PLAIN = table(["phase"], ["resolve", 0], ["connect", [1e-6, 1]], ["tls", 0], ["processing", [1e-6, 1]], ["transfer", [0, 1]]);

/** A monitor that passes in two of three clusters. */
export function degradedMonitorView(): View {
  const labels = { namespace: "shop", monitor: "regional" };
  const one = (value: number): { labels: typeof labels; value: number }[] => [{ labels, value }];
  const passes = clusters({ "eu-1": 1, "us-1": 1, "ap-1": 0 });
  const codes = { "eu-1": 200, "us-1": 200, "ap-1": 500 };
  return {
    dashboard: "Monitor",
    variables: { ...labels, region: ALL, cluster: ALL },
    panels: {
      Verdict: [one(2)],
      Clusters: [one(2), one(3), one(0)],
      "Time not Unhealthy": [single(1)],
      "Passing over the range": [single(2 / 3)],
      "Certificate ends in": [[]],
      "Verdict over time": [one(2)],
      "Clusters by state": [table(["namespace", "monitor", "state"], ["shop", "regional", "passed", 2], ["shop", "regional", "failed", 1], ["shop", "regional", "stale", 0], ["shop", "regional", "pending", 0])],
      "Success by cluster": [clusters({ "eu-1": 1, "us-1": 1, "ap-1": 0 }, labels)],
      "Duration by cluster": [clusters({ "eu-1": QUICKLY, "us-1": QUICKLY, "ap-1": QUICKLY }, labels)],
      "Status codes": [clusters(codes, labels)],
      "Now, by cluster": [passes, clusters(codes), eachAgent(QUICKLY), passes, []],
      "Silent clusters": [[], []],
      "Phases, mean of the clusters": [PLAIN],
      "Phases in $cluster": [PLAIN],
    },
  };
}

/** The same once us-1 has fallen silent: what says so, or says nothing of that cluster any more. */
export function silencedMonitorView(): Pick<View, "variables" | "panels"> {
  const labels = { namespace: "shop", monitor: "regional" };
  const one = (value: number): { labels: typeof labels; value: number }[] => [{ labels, value }];
  const current = { "eu-1": 1, "ap-1": 0 };
  const codes = { "eu-1": 200, "ap-1": 500 };
  const seen = clusters({ "eu-1": 1, "us-1": 1, "ap-1": 0 });
  return {
    variables: { ...labels, region: ALL, cluster: ALL },
    panels: {
      Clusters: [one(1), one(3), one(1)],
      "Success by cluster": [clusters(current, labels)],
      "Status codes": [clusters(codes, labels)],
      "Now, by cluster": [clusters({ ...current, "us-1": -1 }), clusters(codes), clusters({ "eu-1": QUICKLY, "ap-1": QUICKLY }), seen, []],
      "Silent clusters": [clusters({ "us-1": 0 }), clusters({ "us-1": [0, 300] })],
    },
  };
}

/** A monitor of one cluster that fails in the TLS handshake: its certificate is known, nothing was sent. */
export function untrustedMonitorView(): View {
  const labels = { namespace: "shop", monitor: "secure" };
  const one = (value: number): { labels: typeof labels; value: number }[] => [{ labels, value }];
  const untilTls = table(["phase"], ["resolve", 0], ["connect", [1e-6, 1]], ["tls", [1e-6, 1]], ["processing", 0], ["transfer", 0]);
  // The sandbox's certificates last 365 days from its start.
  const days = [364.9, 365] as const;
  return {
    dashboard: "Monitor",
    variables: { ...labels, region: "eu-west-1", cluster: "eu-1" },
    panels: {
      Verdict: [one(3)],
      Clusters: [one(0), one(1), one(0)],
      "Time not Unhealthy": [single(0)],
      "Passing over the range": [single(0)],
      "Certificate ends in": [single(days)],
      "Verdict over time": [one(3)],
      "Clusters by state": [table(["namespace", "monitor", "state"], ["shop", "secure", "passed", 0], ["shop", "secure", "failed", 1], ["shop", "secure", "stale", 0], ["shop", "secure", "pending", 0])],
      "Success by cluster": [clusters({ "eu-1": 0 }, labels)],
      "Duration by cluster": [clusters({ "eu-1": QUICKLY }, labels)],
      "Status codes": [clusters({ "eu-1": 0 }, labels)],
      "Now, by cluster": [clusters({ "eu-1": 0 }), clusters({ "eu-1": 0 }), clusters({ "eu-1": QUICKLY }), clusters({ "eu-1": 0 }), clusters({ "eu-1": days })],
      "Silent clusters": [[], []],
      "Phases, mean of the clusters": [untilTls],
      "Phases in $cluster": [untilTls],
    },
  };
}
