import { DEFINITIONS } from "@sightline/shared/installation";
import { describe, expect, it } from "vitest";
import { field } from "../../kube/raw.ts";
import { checkDefinitions, driftOfDefinition } from "./definitions.ts";

const wanted = DEFINITIONS.find(({ name }) => name.startsWith("httpmonitors"));
const spec = wanted?.spec ?? {};

/** The stored CRD after a change at a path of keys and indexes; undefined takes the value away. */
function changed(path: readonly string[], value?: unknown): unknown {
  const stored = structuredClone(spec);
  let here: unknown = stored;
  for (const key of path.slice(0, -1)) here = field(here, key);
  if (typeof here !== "object" || here === null) throw new Error(`nothing at ${path.join(".")}`);
  if (value === undefined) Reflect.deleteProperty(here, path.at(-1) ?? "");
  else Reflect.set(here, path.at(-1) ?? "", value);
  return stored;
}

/** State and sentence of what the check says of a stored CRD. */
function stateOf(stored: unknown): string[] {
  const looked = { seen: true, value: new Map([[wanted?.name ?? "", stored]]) } as const;
  return checkDefinitions(wanted === undefined ? [] : [wanted], looked).map(({ state, message }) => `${state}: ${message}`);
}

const OBJECT = ["versions", "0", "schema", "openAPIV3Schema"];
const SPEC = [...OBJECT, "properties", "spec"];
const RESULT = [...OBJECT, "properties", "status", "properties", "clusterResults", "items", "properties"];

describe("a stored CRD", () => {
  it.each([
    ["lacks a field", changed([...SPEC, "properties", "interval"]), [{ place: "spec.interval", kind: "missing" }]],
    ["lacks a field of a list's items", changed([...RESULT, "statusCode"]), [{ place: "status.clusterResults[].statusCode", kind: "missing" }]],
    ["has a field of another version", changed([...SPEC, "properties", "quorum"], {}), [{ place: "spec.quorum", kind: "unknown" }]],
    ["has another pattern", changed([...SPEC, "properties", "interval", "pattern"], ".*"), [{ place: "spec.interval: pattern", kind: "other" }]],
    ["lacks a rule", changed([...SPEC, "x-kubernetes-validations"]), [{ place: "spec: x-kubernetes-validations", kind: "other" }]],
    ["lacks a column", changed(["versions", "0", "additionalPrinterColumns"], []), [{ place: "additionalPrinterColumns", kind: "other" }]],
    ["lacks the status subresource", changed(["versions", "0", "subresources"]), [{ place: "subresources", kind: "other" }]],
    ["has another version only", changed(["versions", "0", "name"], "v2"), [{ place: "version v1", kind: "missing" }]],
    ["says it in other words", changed([...SPEC, "properties", "interval", "description"], "Time."), []],
    ["has what the API server fills in", changed(["conversion"], { strategy: "None" }), []],
  ])("that %s shows it", (_what, stored, drift) => expect(driftOfDefinition(spec, stored)).toEqual(drift));

  it("fails where the API server would drop values, and is only warned of where it would not", () => {
    expect(stateOf(undefined)).toEqual(["failed: this CRD is not there"]);
    expect(stateOf(changed([...SPEC, "properties", "interval"]))).toEqual(["failed: it lacks spec.interval"]);
    expect(stateOf(changed([...SPEC, "properties", "quorum"], {}))).toEqual(["warning: it has spec.quorum, which this version does not know"]);
    expect(stateOf(spec)).toEqual(["ok: all 1 CRDs are those of this version"]);
  });
});
