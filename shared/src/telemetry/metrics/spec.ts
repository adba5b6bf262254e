export type MetricType = "counter" | "gauge" | "histogram";

/** Who serves a metric. */
export type Process = "hub" | "agent";

/** What there is to know of a metric before it has a value. */
export interface MetricSpec<T extends MetricType = MetricType, L extends string = string> {
  readonly name: string;
  readonly type: T;
  /** One sentence, as it stands in the exposition. */
  readonly help: string;
  readonly labels: readonly L[];
  /** What there is one set of series for: this bounds their number. */
  readonly per: Scope;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

export type Scope =
  | "process"
  | "controller"
  /** A controller and a namespace in which it has objects. */
  | "namespace"
  /** A kind of object that is listed and watched. */
  | "resource"
  | "cluster"
  | "monitor"
  /** A monitor and a cluster that it is assigned to. */
  | "pair";

/** A value for each label of `L`. */
export type LabelValues<L extends string> = Readonly<Record<L, string>>;

export interface Sample<L extends string = string> {
  readonly labels: LabelValues<L>;
  readonly value: number;
}
