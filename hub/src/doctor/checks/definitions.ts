import { isDeepStrictEqual } from "node:util";
import { abridged } from "@sightline/shared";
import type { InstalledDefinition } from "@sightline/shared/installation";
import { field } from "../../kube/raw.ts";
import { type Finding, type Looked, whenSeen } from "../finding.ts";

/** One place where a stored CRD is not what this version applies. */
export interface DefinitionDrift {
  /** As people write it: `spec.interval`, with the keyword that differs: `spec.interval: pattern`. */
  place: string;
  /** `missing`: what we need is not there. `unknown`: it is there, and not ours. `other`: it has another value. */
  kind: "missing" | "unknown" | "other";
}

/** Words change nothing. */
const WORDS: ReadonlySet<string> = new Set(["description"]);

/** The CRDs against those that this version was made with. */
export function checkDefinitions(wanted: readonly InstalledDefinition[], looked: Looked<ReadonlyMap<string, unknown>>): Finding[] {
  return whenSeen("kubernetes.definitions", looked, (stored, check) => {
    for (const { name, spec } of wanted) {
      const found = stored.get(name);
      const advice = "Apply the files of crds/ of the version that the hub has.";
      if (found === undefined) check.failed("this CRD is not there", { where: name, advice });
      else sayDrift(driftOfDefinition(spec, found)).forEach(({ bad, text }) => (bad ? check.failed(text, { where: name, advice }) : check.warning(text, { where: name, advice })));
    }
    return check.elseOk(`all ${wanted.length} CRDs are those of this version`);
  });
}

function sayDrift(drift: readonly DefinitionDrift[]): { bad: boolean; text: string }[] {
  const placesOf = (kind: DefinitionDrift["kind"]): string[] => drift.filter((one) => one.kind === kind).map(({ place }) => place);
  const [missing, unknown, other] = [placesOf("missing"), placesOf("unknown"), placesOf("other")];
  return [
    // Server-side apply refuses a whole status for one field that is not declared; of a spec, what is unknown is dropped.
    ...(missing.length === 0 ? [] : [{ bad: true, text: `it lacks ${abridged(missing)}` }]),
    ...(other.length === 0 ? [] : [{ bad: false, text: `it differs in ${abridged(other)}` }]),
    ...(unknown.length === 0 ? [] : [{ bad: false, text: `it has ${abridged(unknown)}, which this version does not know` }]),
  ];
}

/** Compares a CRD's spec with the stored one. What the API server fills in by itself is no drift. Pure. */
export function driftOfDefinition(wanted: Readonly<Record<string, unknown>>, stored: unknown): DefinitionDrift[] {
  const drift: DefinitionDrift[] = [];
  for (const version of listOf(wanted["versions"])) {
    const name = String(field(version, "name"));
    const found = listOf(field(stored, "versions")).find((one) => field(one, "name") === name);
    if (found === undefined) drift.push({ place: `version ${name}`, kind: "missing" });
    else compareVersion(version, found, drift);
  }
  if (field(stored, "scope") !== wanted["scope"]) drift.push({ place: "scope", kind: "other" });
  return drift;
}

function compareVersion(wanted: unknown, stored: unknown, drift: DefinitionDrift[]): void {
  for (const part of ["served", "storage", "subresources", "additionalPrinterColumns"]) {
    if (!isDeepStrictEqual(field(wanted, part), field(stored, part))) drift.push({ place: part, kind: "other" });
  }
  compareSchema({ wanted: openApi(wanted), stored: openApi(stored), place: "" }, drift);
}

function openApi(version: unknown): unknown {
  return field(field(version, "schema"), "openAPIV3Schema");
}

interface SchemaPair {
  wanted: unknown;
  stored: unknown;
  place: string;
}

/** Where a schema holds further schemas, with how the way into one is written. */
const NESTED: Readonly<Record<string, string>> = { items: "[]", additionalProperties: ".*" };

function compareSchema({ wanted, stored, place }: SchemaPair, drift: DefinitionDrift[]): void {
  compareProperties({ wanted: field(wanted, "properties"), stored: field(stored, "properties"), place }, drift);
  for (const keyword of keysOf(wanted, stored)) {
    const [want, have] = [field(wanted, keyword), field(stored, keyword)];
    const step = NESTED[keyword];
    if (step !== undefined && isObject(want) && isObject(have)) compareSchema({ wanted: want, stored: have, place: `${place}${step}` }, drift);
    else if (!isDeepStrictEqual(want, have)) drift.push({ place: `${place === "" ? "the object" : place}: ${keyword}`, kind: "other" });
  }
}

function compareProperties({ wanted, stored, place }: SchemaPair, drift: DefinitionDrift[]): void {
  for (const name of new Set([...namesOf(wanted), ...namesOf(stored)])) {
    const inner = place === "" ? name : `${place}.${name}`;
    const [want, have] = [field(wanted, name), field(stored, name)];
    if (have === undefined) drift.push({ place: inner, kind: "missing" });
    else if (want === undefined) drift.push({ place: inner, kind: "unknown" });
    else compareSchema({ wanted: want, stored: have, place: inner }, drift);
  }
}

function keysOf(...schemas: unknown[]): Set<string> {
  return new Set(schemas.flatMap((schema) => namesOf(schema)).filter((keyword) => keyword !== "properties" && !WORDS.has(keyword)));
}

function namesOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
