import { SightlineError } from "../errors.ts";

/** Why the debug listener could not do what was asked. Documented in docs/reference/errors.md. */
export type DebugErrorCode =
  /** The request's own parameters or body. */
  | "INVALID_ARGUMENT"
  | "NO_SUCH_CONTROLLER"
  | "NO_SUCH_OBJECT"
  /** Somebody else's doing who cannot come here himself: a probe, or a web page whose name leads here. */
  | "FOREIGN_REQUEST"
  /** One at a time: two would measure each other. */
  | "PROFILE_RUNNING"
  /** Nobody waits for it any more. */
  | "PROFILE_ABORTED";

export class DebugError extends SightlineError<DebugErrorCode> {
  override readonly name = "DebugError";
}
