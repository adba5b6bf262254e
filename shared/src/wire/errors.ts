import { SightlineError } from "../errors.ts";

/** Why a message or a name from outside was refused. Documented in docs/reference/errors.md. */
export type WireErrorCode = "INVALID_NAME" | "INVALID_MESSAGE" | "INVALID_SIGNATURE" | "UNKNOWN_EVENT_TYPE";

export class WireError extends SightlineError<WireErrorCode> {
  override readonly name = "WireError";
}
