/** Comparing what Prometheus answered with what must be known of it. */
import type { Sample } from "./metrics.ts";

/** A value that must be met exactly, or the bounds that hold it, both included. */
export type ExpectedValue = number | readonly [from: number, to: number];

/** One series: all of its labels, and its value. */
export interface ExpectedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: ExpectedValue;
  /** It need not be there; where it is, its value must hold. */
  readonly optional?: boolean;
}

/** One series per row: a text for each label, then the value. */
export function table(labels: readonly string[], ...rows: readonly (readonly [...texts: string[], value: ExpectedValue])[]): ExpectedSeries[] {
  return rows.map((row) => {
    const value = row.at(-1);
    if (value === undefined || typeof value === "string") throw new Error("the last of a row is its value");
    return { labels: Object.fromEntries(labels.map((label, index) => [label, String(row[index])])), value };
  });
}

/** One series without labels. */
export function single(value: ExpectedValue): ExpectedSeries[] {
  return [{ labels: {}, value }];
}

/** Rounding of divisions and sums, and no more. */
const ROUNDING = 1e-9;

/**
 * What differs, a sentence each; nothing when exactly the expected series are there, in any order, with their values.
 * A label without a value is as good as absent, as Prometheus has it.
 */
export function differences(samples: readonly Sample[], expected: readonly ExpectedSeries[]): string[] {
  const seen = new Map(samples.map(({ labels, value }) => [identityOf(labels), value]));
  const known = new Set(expected.map(({ labels }) => identityOf(labels)));
  const wrong = expected.flatMap(({ labels, value, optional }) => {
    const identity = identityOf(labels);
    const found = seen.get(identity);
    if (found === undefined) return optional === true ? [] : [`${identity} is missing`];
    return holds(found, value) ? [] : [`${identity} is ${found}, expected ${textOf(value)}`];
  });
  return [...wrong, ...[...seen.keys()].filter((identity) => !known.has(identity)).map((identity) => `${identity} was not expected`)];
}

function identityOf(labels: Readonly<Record<string, string>>): string {
  const present = Object.entries(labels).filter(([, value]) => value !== "");
  return `{${present.map(([name, value]) => `${name}="${value}"`).toSorted().join(",")}}`;
}

function holds(found: number, expected: ExpectedValue): boolean {
  return typeof expected === "number" ? Math.abs(found - expected) <= ROUNDING : found >= expected[0] && found <= expected[1];
}

function textOf(expected: ExpectedValue): string {
  return typeof expected === "number" ? String(expected) : `${expected[0]} to ${expected[1]}`;
}
