/** How values are shown, in Grafana's terms. */
import { MappingType, ThresholdsConfigBuilder, ThresholdsMode, type ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Step, Word } from "./spec.ts";

export function mappingOf(words: readonly Word[]): ValueMapping {
  const options = Object.fromEntries(words.map(({ value, text, colour }, index) => [String(value), { text, color: colour, index }]));
  return { type: MappingType.ValueToText, options };
}

/** Without steps all values have the colour of text: words bring their own. */
export function thresholdsOf(steps: readonly Step[]): ThresholdsConfigBuilder {
  const all = steps.length === 0 ? [{ from: null, colour: "text" }] : steps;
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(all.map(({ from, colour }) => ({ value: from, color: colour })));
}
