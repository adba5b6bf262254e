export { abridged } from "./abridged.ts";
export { untilAborted } from "./abort.ts";
export { type Backoff, exponentialBackoff } from "./backoff.ts";
export { canonicalJson, contentHash } from "./canonical-json.ts";
export { type Clock, sleep, systemClock, type Timer } from "./clock.ts";
export { columns } from "./columns.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export { messageOf, SightlineError } from "./errors.ts";
export { randomShare } from "./random.ts";
