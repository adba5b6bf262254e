import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { REGISTRATION_CONDITIONS } from "../../hub/src/controllers/clusterregistration/decide.ts";
import { MONITOR_CONDITIONS } from "../../hub/src/results/status.ts";
import { at } from "../kit/json.ts";
import { read } from "./source.ts";

const ROWS = /^\| (`[^|]+) \|/gm;

/** Fields named in the first cells of a section's tables. */
function documented(page: string, section: string): Set<string> {
  const text = read(page).split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? "";
  return new Set([...text.matchAll(ROWS)].flatMap(([, cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)));
}

/** Fields of an object of a CRD's schema; those of `nested` objects by their path. */
function declared(crd: string, section: string, nested: readonly string[] = []): string[] {
  const schema = at(parse(read(crd)), "spec", "versions", 0, "schema", "openAPIV3Schema", "properties", section, "properties");
  return keysOf(schema).flatMap((name) => (nested.includes(name) ? keysOf(at(schema, name, "properties")).map((field) => `${name}.${field}`) : [name]));
}

function plural(kind: string): string {
  return kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}

function keysOf(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

describe("the reference of fields", () => {
  it.each([
    ["httpmonitor", "spec", []],
    ["httpmonitor", "status", []],
    ["clusterregistration", "spec", ["heartbeat", "egress"]],
    ["clusterregistration", "status", []],
    ["monitorpolicy", "spec", ["allow"]],
  ])("of %s has every field of %s", (kind, section, nested) => {
    const inPage = documented(`docs/reference/${kind}.md`, section);
    expect(declared(`crds/monitoring.example.com_${plural(kind)}.yaml`, section, nested).filter((name) => !inPage.has(name))).toEqual([]);
  });

  it.each([
    ["httpmonitor", MONITOR_CONDITIONS],
    ["clusterregistration", REGISTRATION_CONDITIONS],
  ])("of %s has exactly the conditions of its status", (kind, conditions) => {
    expect([...documented(`docs/reference/${kind}.md`, "status")].filter((name) => /^[A-Z]/.test(name))).toEqual([...conditions]);
  });
});
