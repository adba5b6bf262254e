/** Figures of a distribution. */
export interface Distribution {
  count: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** The smallest value that at least this share (0 to 1) of the values do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function distributionOf(values: readonly number[]): Distribution {
  return { count: values.length, p50: quantile(values, 0.5), p90: quantile(values, 0.9), p99: quantile(values, 0.99), max: quantile(values, 1) };
}

/** `p50 12 · p90 20 · p99 31 · max 40 ms`, rounded so that no more digits stand there than mean something. */
export function describeDistribution({ p50, p90, p99, max }: Distribution, unit: string): string {
  return `p50 ${round(p50)} · p90 ${round(p90)} · p99 ${round(p99)} · max ${round(max)} ${unit}`;
}

/** Three digits. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return "none";
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
