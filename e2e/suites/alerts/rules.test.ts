import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { listAt, textAt } from "../../kit/json.ts";
import { type BinaryName, resolveBinaries } from "../../sandbox/mod.ts";
import { silent } from "../../sandbox/progress.ts";
import { needsObservers } from "../../sandbox/test-needs.ts";
import { DEPLOYED, RULES, shortened } from "./support.ts";

const run = promisify(execFile);
/** Minutes after which, in edges.yml, begins what each alert tells of. */
const EDGES_BEGIN = 5;
const TESTS = path.join(DEPLOYED, "tests");
const ALERTMANAGER = path.join(DEPLOYED, "alertmanager.yml");
const rules = readFileSync(RULES, "utf8");
const alerts = listAt(parse(rules), "groups").flatMap((group) => listAt(group, "rules")).filter((rule) => textAt(rule, "alert") !== undefined);
const names = [...new Set(alerts.map((rule) => textAt(rule, "alert") ?? ""))].toSorted();

describe("the rules, by Prometheus' own tools", () => {
  needsObservers();

  it("are well formed", async () => {
    expect(await tool("promtool", "check", "rules", "--lint=all", "--lint-fatal", RULES)).toContain("SUCCESS");
  });

  it.each(readdirSync(TESTS))("do what %s says", async (file) => {
    expect(await tool("promtool", "test", "rules", path.join(TESTS, file))).toContain("SUCCESS");
  });

  it("have an example of Alertmanager's configuration that it reads", async () => {
    expect(await tool("amtool", "check-config", ALERTMANAGER)).toContain("SUCCESS");
  });

  it.each([
    ["SightlineMonitorDegraded", "shop", "team-shop"],
    ["SightlineMonitorDegraded", "bank", "teams"],
    ["SightlineCertificateExpiring", "bank", "teams"],
    ["SightlineClusterSilent", "monitoring", "platform"],
    ["SightlineWatchdog", "monitoring", "dead-mans-switch"],
    ["KubePodCrashLooping", "shop", "platform"],
  ])("send %s of the namespace %s to %s", async (alertname, namespace, receiver) => {
    const told = await tool("amtool", "config", "routes", "test", "--config.file", ALERTMANAGER, `alertname=${alertname}`, `namespace=${namespace}`);
    expect(told.trim()).toBe(receiver);
  });
});

describe("each alert", () => {
  const tests = readdirSync(TESTS).map((file): unknown => parse(readFileSync(path.join(TESTS, file), "utf8")));
  const checks = tests.flatMap((file) => listAt(file, "tests")).flatMap((test) => listAt(test, "alert_rule_test"));
  const edges = listAt(parse(readFileSync(path.join(TESTS, "edges.yml"), "utf8")), "tests").flatMap((test) => listAt(test, "promql_expr_test"));

  it.each(names)("%s has tests in which it fires and in which it does not", (name) => {
    const own = checks.filter((check) => textAt(check, "alertname") === name);
    expect(own.some((check) => listAt(check, "exp_alerts").length > 0)).toBe(true);
    // One that fires always has nothing else to show.
    if (name !== "SightlineWatchdog") expect(own.some((check) => listAt(check, "exp_alerts").length === 0)).toBe(true);
  });

  it.each(alerts)("is tested at the very step at which its `for` is over", (rule) => {
    const name = textAt(rule, "alert") ?? "";
    if (name === "SightlineWatchdog") return;
    const edge = EDGES_BEGIN + Number.parseInt(textAt(rule, "for") ?? "0", 10);
    const own = edges.filter((check) => textAt(check, "expr")?.includes(`alertname="${name}"`));
    expect(own).toMatchObject([
      { eval_time: `${edge - 1}m30s`, exp_samples: [{ value: 0 }] },
      { eval_time: `${edge}m`, exp_samples: [{ value: 1 }] },
    ]);
  });

  it("has a runbook, and each runbook an alert", () => {
    const pages = readdirSync(path.join(DEPLOYED, "..", "..", "docs", "operate", "runbooks")).filter((file) => file !== "README.md");
    expect(pages.toSorted()).toEqual(names.map((name) => `${name}.md`));
  });

  it.each(alerts)("is told with a severity, a summary, a description and its runbook", (rule) => {
    expect(["critical", "warning", "info", "none"]).toContain(textAt(rule, "labels", "severity"));
    for (const key of ["summary", "description"]) expect(textAt(rule, "annotations", key)).toMatch(/\w/);
    expect(textAt(rule, "annotations", "runbook_url")).toBe(`docs/operate/runbooks/${textAt(rule, "alert")}.md`);
  });
});

describe("shortened rules", () => {
  it("wait seconds where ours wait minutes, and are the same otherwise", () => {
    expect(shortened("  for: 5m\n  keep_firing_for: 10m\n  expr: x[2m]\n")).toBe("  for: 5s\n  keep_firing_for: 10s\n  expr: x[2m]\n");
    expect(shortened(rules)).not.toMatch(/for: \d+m/);
  });
});

async function tool(name: Extract<BinaryName, "promtool" | "amtool">, ...args: string[]): Promise<string> {
  const binaries = await resolveBinaries([name], { report: silent });
  try {
    return (await run(binaries[name], args)).stdout;
  } catch (error) {
    throw new Error(`${name} ${args.join(" ")}: ${textAt(error, "stdout")}${textAt(error, "stderr")}`, { cause: error });
  }
}
