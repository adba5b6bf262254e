import type { Clock } from "@sightline/shared";
import { type JwtClaims, readClaims } from "@sightline/shared/identity";
import type { StoredIdentity } from "./stored-identity.ts";

/** Credentials that do not expire are looked at once a day all the same. */
export function lifeMs({ iat, exp = iat + 86_400 }: JwtClaims): number {
  return Math.max(1, exp - iat) * 1000;
}

/** Of credentials from the store: their age by the wall clock is a guess, and a wrong one makes the agent ask at once. */
export function sinceStart({ working = "", workingReceivedAt = 0 }: StoredIdentity, clock: Clock): { receivedAt: number; lifeMs: number } {
  const life = lifeMs(readClaims(working));
  const age = clock.now() - workingReceivedAt;
  return { receivedAt: clock.monotonic() - (age >= 0 ? age : life), lifeMs: life };
}

/** Whether resting credentials are worth writing down: not with each question, but every day. */
export function isOld(before: string | undefined, now: string): boolean {
  return before === undefined || readClaims(now).iat - readClaims(before).iat > 86_400;
}
