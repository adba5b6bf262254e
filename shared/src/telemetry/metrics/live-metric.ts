import { Gauge } from "prom-client";
import type { MetricSpec, Sample } from "./spec.ts";

type Collected<L extends string> = Awaited<ReturnType<Gauge<L>["get"]>>;

/** A metric that keeps no values: its samples are made when they are asked for. A registry takes it as any other. */
export class LiveMetric<L extends string = string> extends Gauge<L> {
  readonly spec: MetricSpec<"gauge" | "counter", L>;
  readonly #samples: () => Iterable<Sample<L>>;

  constructor(spec: MetricSpec<"gauge" | "counter", L>, samples: () => Iterable<Sample<L>>) {
    super({ name: spec.name, help: spec.help, labelNames: spec.labels, registers: [] });
    this.spec = spec;
    this.#samples = samples;
  }

  /** One after the other, so that a reader may pause in between. */
  samples(): Iterable<Sample<L>> {
    return this.#samples();
  }

  /** All at once, for readers that know only the library. */
  override async get(): Promise<Collected<L>> {
    const collected = await super.get();
    return { ...collected, values: [...this.#samples()].map(({ labels, value }) => ({ labels: { ...labels }, value })) };
  }
}
