import type { ConditionState } from "@sightline/shared/api";
import { type HeaderFrom, nameOf, type Reading, type SecretObject, sourcesOf, type ValueSource } from "./sources.ts";

/** What is known of one header's value. Reasons never hold a value. */
export type HeaderValue =
  | { name: string; kind: "resolved"; value: string; source: string }
  /** Every source says that it has none, or has something that no header can be. */
  | { name: string; kind: "missing"; reason: string }
  /** A source could not be asked, and no other one has it. */
  | { name: string; kind: "unreachable"; reason: string };

/** The most characters that a header's value may have, as in `headers`. */
const MAX_VALUE = 16_384;

/** Decides where a header's value comes from: the first source that has it. Pure. */
export function valueOf(header: HeaderFrom, namespace: string, readingOf: (object: SecretObject) => Reading): HeaderValue {
  const { name } = header;
  const reasons: string[] = [];
  let unreachable = false;
  for (const source of sourcesOf(header, namespace)) {
    const found = lookUp(source, readingOf(source.object));
    if (found.kind === "found") return { name, kind: "resolved", value: found.value, source: nameOf(source.object) };
    reasons.push(`${nameOf(source.object)} ${found.reason}`);
    unreachable ||= found.kind === "unreachable";
  }
  return { name, kind: unreachable ? "unreachable" : "missing", reason: reasons.join("; ") };
}

type Found = { kind: "found"; value: string } | Exclude<Reading, { kind: "found" }>;

function lookUp({ key }: ValueSource, reading: Reading): Found {
  if (reading.kind !== "found") return reading;
  const text = reading.values.get(key);
  if (text === undefined) return { kind: "absent", reason: `has no key ${key}` };
  const value = withoutLineEnd(text);
  const flaw = flawOf(value);
  return flaw === undefined ? { kind: "found", value } : { kind: "absent", reason: `has under key ${key} ${flaw}` };
}

/** Files end in a line break, and `kubectl create secret --from-file` keeps it: nobody means it. */
function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}

function flawOf(value: string): string | undefined {
  if (value === "") return "an empty text";
  if (value.length > MAX_VALUE) return `more than ${MAX_VALUE} characters`;
  // RFC 9110, 5.5: visible ASCII, space, tab and obs-text, one character a byte.
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? undefined : "characters that a header cannot have";
}

/** What was made of the values of a monitor's headers. */
export interface SecretsOutcome {
  values: readonly HeaderValue[];
  /** Headers whose source cannot be asked now, while every cluster has the value that it had before. */
  kept: ReadonlySet<string>;
  /** Clusters that nothing can be sealed to, since their agent has not enrolled. */
  keyless: readonly string[];
}

type State = Pick<ConditionState, "status" | "reason" | "message">;

/** The condition `SecretsResolved`: what is missing, else which source served. Never a value. Pure. */
export function secretsState({ values, kept, keyless }: SecretsOutcome): State {
  if (values.length === 0) return { status: "True", reason: "NoSecrets", message: "" };
  const missing = values.filter(({ kind }) => kind === "missing");
  const unreachable = values.filter(({ kind }) => kind === "unreachable");
  if (missing.length > 0) return { status: "False", reason: "SecretNotFound", message: [...missing, ...unreachable].map((one) => sentence(one)).join(". ") };
  if (unreachable.length > 0) return unreachableState(unreachable, kept);
  if (keyless.length > 0) return { status: "False", reason: "NoSealingKey", message: `no key to seal for ${keyless.join(", ")}: no agent has enrolled there` };
  return { status: "True", reason: "Resolved", message: values.map((one) => (one.kind === "resolved" ? `${one.name} from ${one.source}` : "")).join(", ") };
}

/** Values that are only not confirmed go on being used: an outage of Vault makes no monitor fail. */
function unreachableState(unreachable: readonly HeaderValue[], kept: ReadonlySet<string>): State {
  const allKept = unreachable.every(({ name }) => kept.has(name));
  const sentences = unreachable.map((one) => sentence(one)).join(". ");
  return allKept ? { status: "Unknown", reason: "SourceUnavailable", message: `the last known values are in use. ${sentences}` } : { status: "False", reason: "SourceUnavailable", message: sentences };
}

function sentence(value: HeaderValue): string {
  if (value.kind === "resolved") return "";
  const { name, reason } = value;
  return value.kind === "missing" ? `secret not found: ${name} (${reason})` : `secret not read: ${name} (${reason})`;
}
