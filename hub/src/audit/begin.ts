import type { LineBody } from "./chain.ts";

/** Why a chain has a line of its own here: the first of all, a start of the hub, the end of a failure, a new file. */
export type BeginReason = "genesis" | "start" | "recovery" | "rotation";

export interface BeginFacts {
  reason: BeginReason;
  /** Which hub decides. */
  identity: string;
  version: string;
  /** The public key of the anchors that follow. */
  key?: string | undefined;
  /** What a crash left of a line, and where it was put aside. */
  torn?: { bytes: number; file: string } | undefined;
  /** The line before is not in the file where this process had put it. */
  replaced?: boolean;
  /** How many decisions could not be kept, and were refused for that. */
  refused?: number;
}

/** Says who writes from here on, and what happened to the log before. */
export function beginLine({ key, torn, replaced, refused, ...facts }: BeginFacts, now: number): LineBody {
  return {
    audit: "begin",
    time: new Date(now).toISOString(),
    ...facts,
    ...(key === undefined ? {} : { key }),
    ...(torn === undefined ? {} : { torn }),
    ...(replaced === true ? { replaced } : {}),
    ...(refused === undefined || refused === 0 ? {} : { refused }),
  };
}
