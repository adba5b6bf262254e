import { styleText } from "node:util";
import type { Report } from "./examine.ts";
import type { Finding, State } from "./finding.ts";
import { count } from "./finding.ts";

const COLOURS: Readonly<Record<State, "green" | "yellow" | "red" | "dim">> = { ok: "green", warning: "yellow", failed: "red", "not checked": "dim" };
const STATE_WIDTH = "not checked".length;
const GROUPS: Readonly<Record<string, string>> = { kubernetes: "Kubernetes", clusters: "Member clusters", monitors: "Monitors", nats: "NATS", clock: "Clocks", hubs: "Hubs", agents: "Agents", processes: "Versions" };

/** A report as people read it: by group, each check with its state, what is wrong, and what would be right. */
export function renderText({ findings }: Report, colours: boolean): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const paint = (state: State, text: string): string => (colours ? styleText(COLOURS[state], text, { validateStream: false }) : text);
  const lines: string[] = [];
  for (const [group, those] of Object.entries(Object.groupBy(findings, ({ check }) => check.split(".")[0] ?? ""))) {
    lines.push(GROUPS[group] ?? group);
    for (const { state, check, where, message, advice } of gathered(those ?? [])) {
      const subject = where === undefined ? "" : `${where}: `;
      lines.push(`  ${paint(state, state.padEnd(STATE_WIDTH))}  ${check.padEnd(width)}  ${subject}${message}`);
      if (advice !== undefined) lines.push(`${" ".repeat(STATE_WIDTH + width + 6)}→ ${advice}`);
    }
    lines.push("");
  }
  return `${[...lines, summary(findings)].join("\n")}\n`;
}

type Row = Omit<Finding, "check"> & { check: string };

/** One line for all checks of a group that one reason kept from being made. */
function gathered(findings: readonly Finding[]): Row[] {
  const sharing = (one: Finding): Finding[] => findings.filter(({ state, where, message }) => state === "not checked" && where === undefined && message === one.message);
  return findings.flatMap((finding): Row[] => {
    const others = sharing(finding);
    if (others.length < 2 || !others.includes(finding)) return [finding];
    const names = others.map(({ check }) => check).join(", ");
    return others[0] === finding ? [{ ...finding, check: `${others.length} checks`, where: names }] : [];
  });
}

/** The same for programs. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const number = (state: State): number => findings.filter((finding) => finding.state === state).length;
  return `${number("failed")} failed, ${count(number("warning"), "warning")}, ${number("ok")} ok, ${number("not checked")} not checked.`;
}
