import type { DebugErrorCode } from "./errors.ts";

const STATUSES: Record<DebugErrorCode, number> = {
  INVALID_ARGUMENT: 400,
  NO_SUCH_CONTROLLER: 404,
  NO_SUCH_OBJECT: 404,
  FOREIGN_REQUEST: 403,
  PROFILE_RUNNING: 409,
  PROFILE_ABORTED: 499,
};

/** The HTTP status that says it; 499 reaches nobody. */
export function statusOfDebugError(code: DebugErrorCode): number {
  return STATUSES[code];
}
