import { isDeepStrictEqual } from "node:util";

/** A setting of a stream or consumer that is not as it should be. */
export interface Drift {
  field: string;
  have: unknown;
  want: unknown;
}

/** What is otherwise than wanted; what nobody asked for may be as the server has it. */
export function driftOf(stored: object, wanted: object): Drift[] {
  const have = new Map<string, unknown>(Object.entries(stored));
  return Object.entries(wanted).flatMap(([field, want]: [string, unknown]) => (isDeepStrictEqual(have.get(field), want) ? [] : [{ field, have: have.get(field), want }]));
}
