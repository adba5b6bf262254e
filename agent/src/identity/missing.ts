import type { IdentityState } from "@sightline/shared/wire";
import { IdentityError } from "./stored-identity.ts";

/** What decides whether an agent has the right to work. */
export interface MissingView {
  cluster: string;
  /** Which credentials it holds. */
  holds: { resting: boolean; working: boolean };
  /** What the hub last answered; undefined: nothing yet, or nothing since it enrolled. */
  state: IdentityState | undefined;
  /** Why the hub does not let it work, as it said last. */
  shutOut: string | undefined;
  /** Whether it has neither a connection nor an answer, though NATS can be reached: its credentials are not taken any more, or no hub leads. */
  cutOff: boolean;
  /** The last reason that was met. */
  problem: string | undefined;
  /** Why its identity cannot be read. */
  storeProblem: string | undefined;
  /** Why there is no join token; undefined: there is one. */
  noToken: string | undefined;
}

/** Why an agent cannot work; undefined when it can. Pure. */
export function missingFor(view: MissingView): IdentityError | undefined {
  const { holds, state, shutOut, cutOff } = view;
  const permitted = shutOut === undefined && (state === undefined || state === "working");
  return holds.working && permitted && !cutOff ? undefined : notWorking(view);
}

/** The same for who needs credentials, and has none. */
export function notWorking(view: MissingView): IdentityError {
  const { cluster, holds, state, problem, shutOut } = view;
  const waits = holds.resting && state !== "refused";
  return waits
    ? new IdentityError("NOT_ACCEPTED", problem ?? shutOut ?? `cluster ${cluster} is not accepted yet, or the hub was not asked yet`, { retryable: true })
    : new IdentityError("NOT_ENROLLED", `the agent of cluster ${cluster} cannot work: ${whyNotEnrolled(view)}`, { retryable: true });
}

function whyNotEnrolled({ cluster, holds, problem, shutOut, storeProblem, noToken }: MissingView): string {
  if (noToken === undefined || holds.resting) return storeProblem ?? problem ?? shutOut ?? "it has not enrolled yet";
  return `${storeProblem ?? noToken}; a join token is made by: sightline join-command ${cluster}`;
}
