import type { Clock } from "@sightline/shared";
import type { ClockReading } from "../checks/clock.ts";
import type { Looked } from "../finding.ts";
import { unseen } from "./looking.ts";

/** A Date header has whole seconds (RFC 9110, 5.6.7). */
const DATE_RESOLUTION_MS = 1000;

/** Takes the time of another machine from the Date of its answer to one request. */
export interface HttpClock {
  /** The request leaves now. */
  asks(): void;
  /** Its answer came now. */
  answered(date: string | undefined): void;
  reading(): Looked<ClockReading>;
}

export function httpClock(clock: Clock): HttpClock {
  let askedAt = clock.now();
  let reading: ClockReading | undefined;
  return {
    asks: () => (askedAt = clock.now()),
    answered: (date) => {
      const theirs = Date.parse(date ?? "");
      if (!Number.isNaN(theirs)) reading = { askedAt, answeredAt: clock.now(), theirs, resolutionMs: DATE_RESOLUTION_MS };
    },
    reading: () => (reading === undefined ? unseen("its answer says no time") : { seen: true, value: reading }),
  };
}
