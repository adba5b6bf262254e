import { createHash } from "node:crypto";
import { canonicalJson } from "@sightline/shared";
import { type HTTPMonitor, PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { DEFINITIONS } from "@sightline/shared/installation";
import { field } from "../../kube/raw.ts";

/** What somebody asks for by a monitor, and answers for: what is probed, and from where. */
export interface MonitorIntent {
  spec: HTTPMonitor["spec"];
  /** The placement annotations that are set, by their full names. */
  placement: Record<string, string>;
}

const PLACEMENT_NAMES: readonly string[] = Object.values(PLACEMENT_ANNOTATIONS);
const SPEC_SCHEMA = path(DEFINITIONS.find(({ name }) => name.startsWith("httpmonitors."))?.spec, "versions", "0", "schema", "openAPIV3Schema", "properties", "spec");

/** A monitor's intent. Defaults are left out: a CRD of a later version, which adds some, must not change what was asked for. */
export function intentOf({ metadata, spec }: Pick<HTTPMonitor, "metadata" | "spec">): MonitorIntent {
  return { spec: withoutDefaults(spec), placement: placementIn(metadata.annotations) };
}

/** SHA-256 of an intent, in full: signatures hang on it. */
export function intentHash(intent: MonitorIntent): string {
  return createHash("sha256").update(canonicalJson([intent.spec, intent.placement])).digest("hex");
}

/** The placement annotations among others. */
function placementIn(annotations: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => PLACEMENT_NAMES.includes(name)));
}

function withoutDefaults(spec: HTTPMonitor["spec"]): HTTPMonitor["spec"] {
  const { url, ...rest } = spec;
  const pruned = prune(rest, SPEC_SCHEMA);
  return { ...(isObject(pruned) ? pruned : {}), url };
}

/** Without whatever equals its default, and without the objects that nothing is left of. */
function prune(value: unknown, schema: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => prune(item, field(schema, "items")));
  const properties = field(schema, "properties");
  if (!isObject(value) || properties === undefined) return value;
  const kept = Object.entries(value).flatMap(([name, part]) => {
    const inner = field(properties, name);
    const rest = prune(part, inner);
    return isDefault(rest, inner) ? [] : [[name, rest] as const];
  });
  return Object.fromEntries(kept);
}

function isDefault(value: unknown, schema: unknown): boolean {
  const given = field(schema, "default");
  if (given !== undefined && canonicalJson(given) === canonicalJson(value)) return true;
  return isObject(value) && field(schema, "properties") !== undefined && Object.keys(value).length === 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function path(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((part, name) => field(part, name), value);
}
