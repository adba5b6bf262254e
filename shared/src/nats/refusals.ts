import { errors } from "nats";
import type { Clock } from "../clock.ts";
import { SightlineError } from "../errors.ts";
import { seldom } from "../seldom.ts";

const TELL_AGAIN_MS = 60_000;

/** What NATS says of us while we are connected, as an error of ours. */
export function natsError(error: Error): SightlineError {
  if (!(error instanceof errors.PermissionViolationError)) return new SightlineError("NATS_UNAVAILABLE", error.message, { cause: error, retryable: true });
  const verb = error.operation === "publish" ? "publish" : "subscribe";
  return new SightlineError("NATS_REFUSED", `this key may not ${verb} to ${error.subject}`, { cause: error, retryable: true });
}

/** Whether a connection was not made because a server does not take the credentials (any more). */
export function refusesEntry(error: unknown): boolean {
  const { cause } = error instanceof SightlineError ? error : {};
  return cause instanceof errors.AuthorizationError || cause instanceof errors.UserAuthenticationExpiredError;
}

/** What such errors have in common that are worth one line in the log: an inbox and an acknowledgement are of chance and count. */
export function kindOf(error: SightlineError): string {
  return error.message.replace(/(_INBOX[^.]*|\$JS\.ACK|\$KV\.assign|results)\..*$/, "$1");
}

/** Passes on one error of each kind in a minute. */
export function onceAMinute(clock: Clock, tell: (error: SightlineError) => void): (error: SightlineError) => void {
  const isNews = seldom(clock, TELL_AGAIN_MS);
  return (error) => {
    if (isNews(kindOf(error))) tell(error);
  };
}

/** Whether NATS refuses what an agent sends: from the first refusal until one interval of heartbeats has passed without any. */
export class Refusals {
  #count = 0;
  #countBefore = 0;
  #lasting = false;

  get lasting(): boolean {
    return this.#lasting;
  }

  add(): void {
    this.#count += 1;
    this.#lasting = true;
  }

  /** NATS has dealt with a heartbeat, and with all that was sent before it. */
  heartbeatPassed(): void {
    this.#lasting = this.#count !== this.#countBefore;
    this.#countBefore = this.#count;
  }

  /** Another connection, perhaps with another key: what it refuses counts. */
  reconnected(): void {
    this.#countBefore = this.#count;
  }
}
