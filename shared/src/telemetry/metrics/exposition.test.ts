import { setImmediate } from "node:timers";
import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { exposition } from "./exposition.ts";
import { live } from "./make.ts";
import type { MetricSpec } from "./spec.ts";

const THINGS = { name: "things", type: "gauge", per: "process", labels: ["kind"], help: "Things." } as const satisfies MetricSpec;

async function textOf(...registries: Registry[]): Promise<string> {
  return (await Array.fromAsync(exposition(registries))).join("");
}

/** A registry of one live gauge with so many samples. */
function crowded(samples: number, made = (): void => undefined): Registry {
  const registry = new Registry();
  live(registry, THINGS, function* () {
    for (let number = 0; number < samples; number += 1) {
      made();
      yield { labels: { kind: String(number) }, value: number };
    }
  });
  return registry;
}

describe("the exposition", () => {
  it("has the metrics of every registry, a histogram's parts included", async () => {
    const [one, other] = [new Registry(), new Registry()];
    new Counter({ name: "deeds_total", help: "Deeds.", registers: [one] }).inc(2);
    new Histogram({ name: "time_seconds", help: "Time.", buckets: [1, 2], labelNames: ["kind"], registers: [other] }).observe({ kind: "a" }, 1.5);
    live(other, THINGS, () => [{ labels: { kind: "b" }, value: 7 }]);
    expect(await textOf(one, other)).toBe(
      [
        "# HELP deeds_total Deeds.\n# TYPE deeds_total counter\ndeeds_total 2\n",
        "# HELP time_seconds Time.\n# TYPE time_seconds histogram\n",
        'time_seconds_bucket{le="1",kind="a"} 0\ntime_seconds_bucket{le="2",kind="a"} 1\ntime_seconds_bucket{le="+Inf",kind="a"} 1\n',
        'time_seconds_sum{kind="a"} 1.5\ntime_seconds_count{kind="a"} 1\n',
        '# HELP things Things.\n# TYPE things gauge\nthings{kind="b"} 7\n',
      ].join(""),
    );
  });

  it.each([
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
    [1.5e-7, "1.5e-7"],
    [-0.25, "-0.25"],
  ])("writes %s as %s", async (value, text) => {
    const registry = new Registry();
    live(registry, THINGS, () => [{ labels: { kind: "a" }, value }]);
    expect(await textOf(registry)).toContain(`things{kind="a"} ${text}\n`);
  });

  it("says of whatever label the same as the library", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom("\\", '"', "\n", "a", "é", "{", ",") }), fc.float({ noNaN: true, noDefaultInfinity: true }), async (kind, value) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        live(ours, THINGS, () => [{ labels: { kind }, value }]);
        new Gauge({ name: THINGS.name, help: THINGS.help, labelNames: THINGS.labels, registers: [theirs] }).set({ kind }, value);
        expect(await textOf(ours)).toBe(await theirs.metrics());
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
      { numRuns: 50 },
    );
  });

  it("lets others have their turn between slices, and makes no sample before its slice", async () => {
    let [made, turns] = [0, 0];
    const slices = exposition([crowded(1000, () => (made += 1))], 100);
    const other = (): void => {
      turns += 1;
      pending = setImmediate(other);
    };
    let pending = setImmediate(other);
    const first = await slices.next();
    expect(made).toBe(100);
    expect(String(first.value).match(/^things\{/gm)).toHaveLength(100);
    const rest = await Array.fromAsync(slices);
    clearImmediate(pending);
    expect(rest.join("").match(/^things\{/gm)).toHaveLength(900);
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it("has a slice of no more samples than it was told, whatever a registry holds", async () => {
    const slices = await Array.fromAsync(exposition([crowded(250), crowded(30)], 100));
    expect(slices.map((slice) => slice.match(/^things\{/gm)?.length)).toEqual([100, 100, 50, 30]);
  });
});
