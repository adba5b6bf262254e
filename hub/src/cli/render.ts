import { columns } from "@sightline/shared";
import type { ClusterResult } from "@sightline/shared/api";
import type { ExplainedCluster, Explanation } from "./explain.ts";

/** An explanation as people read it. */
export function renderText(explanation: Explanation): string {
  const { monitor, clusters, notes, violations } = explanation;
  const chosen = violations.length > 0 ? 0 : clusters.filter((cluster) => cluster.chosen).length;
  const rows = [["CLUSTER", "CHOSEN", "WHY", "LAST RESULT"], ...clusters.map((cluster) => rowOf(cluster))];
  const lines = [
    `HTTPMonitor ${monitor}`,
    `  probes     ${probeLine(explanation)}`,
    `  placement  ${placementLine(explanation)}`,
    `  asked by   ${authorLine(explanation)}`,
    ...explanation.violations.map((violation) => `  refused    ${violation}`),
    `  status     ${verdictLine(explanation)}`,
    `  runs in    ${chosen} of ${clusters.length} clusters`,
    "",
    ...(clusters.length === 0 ? ["No cluster is registered."] : columns(rows)),
    ...notes.map((note) => `\nNote: ${note}`),
  ];
  return `${lines.join("\n")}\n`;
}

export function renderJson(explanation: Explanation): string {
  return `${JSON.stringify(explanation, null, 2)}\n`;
}

function probeLine({ check }: Explanation): string {
  const timeout = `timeout ${check.timeout}${check.timeoutIsDefault ? " (by default: the smaller of the hub's default and the interval)" : ""}`;
  const parts = [`${check.method} ${check.url} every ${check.interval}`, timeout, `expects ${check.expectedStatuses.join(" or ")}`];
  return `${parts.join(", ")}${check.suspended ? "; suspended, so not now" : ""}`;
}

function placementLine({ placement, problem }: Explanation): string {
  if (problem !== undefined) return `cannot be read: ${problem}`;
  const terms = Object.entries(placement).map(([name, value]) => `${name}: ${value}`);
  return terms.length === 0 ? "no annotation: every accepted cluster that lets the namespace in" : terms.join("; ");
}

function authorLine({ author }: Explanation): string {
  if (author === undefined) return "nobody is recorded";
  const groups = author.groups.length === 0 ? "" : ` (${author.groups.join(", ")})`;
  return `${author.user}${groups} at ${author.time}, says its record${author.matches ? "" : ", but not of what stands here"}`;
}

function verdictLine({ verdict }: Explanation): string {
  if (verdict === undefined) return "none yet";
  return verdict.message === "" ? verdict.status : `${verdict.status}: ${verdict.message}`;
}

function rowOf({ cluster, chosen, message, last }: ExplainedCluster): string[] {
  return [cluster, chosen ? "yes" : "no", message, last === undefined ? "-" : resultText(last)];
}

function resultText({ status, statusCode, duration, timestamp, errorMessage }: ClusterResult): string {
  const facts = [status, statusCode, duration, timestamp, errorMessage].filter((fact) => fact !== undefined && fact !== "");
  return facts.join(", ");
}
