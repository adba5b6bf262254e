/** What a dashboard says, apart from how Grafana writes it down. */

/** One query, with what its series are called. */
export interface Query {
  readonly expr: string;
  /** Grafana's legend format; in a table the column's heading. */
  readonly legend: string;
  /** In a table: how the column's values read. */
  readonly column?: Reading;
}

/** How values are shown. */
export interface Reading {
  readonly unit?: string;
  readonly decimals?: number;
  /** From each value on a colour; the first is the base. */
  readonly steps?: readonly Step[];
  /** Words in place of numbers. */
  readonly words?: readonly Word[];
}

export interface Step {
  /** null: from the least value on. */
  readonly from: number | null;
  readonly colour: Colour;
}

export interface Word {
  readonly value: number;
  readonly text: string;
  readonly colour: Colour;
}

export type Colour = "green" | "yellow" | "orange" | "red" | "blue" | "purple" | "text";

/**
 * stat: numbers, large. bars: one bar per series. lines and stack: over time. states: one row of coloured stretches per
 * series. heat: one row of coloured cells per series. table: one row per object, one column per query.
 */
export type View = "stat" | "bars" | "lines" | "stack" | "states" | "heat" | "table";

export interface PanelSpec extends Reading {
  readonly title: string;
  /** What it answers, and what it does not count. */
  readonly description: string;
  readonly view: View;
  readonly queries: readonly Query[];
  /** Columns of Grafana's 24; 12 when absent. */
  readonly width?: number;
  /** In Grafana's rows; 8 when absent. */
  readonly height?: number;
  /** Said where there is no value. */
  readonly empty?: string;
  /** A click on a series or a row opens the monitor's own dashboard. */
  readonly opensMonitor?: boolean;
  /** Colours of series by what they are called. */
  readonly colours?: Readonly<Record<string, Colour>>;
  /** One panel for each chosen value of this variable. */
  readonly repeat?: string;
}

export interface RowSpec {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

export interface VariableSpec {
  readonly name: string;
  readonly label: string;
  /** Prometheus' label_values(...) of Grafana. */
  readonly query: string;
  /** Several values, and all of them at first; one value when absent. */
  readonly several?: boolean;
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** How far back it looks at first, as in `now-6h`. */
  readonly from: string;
  readonly variables: readonly VariableSpec[];
  readonly rows: readonly RowSpec[];
}
