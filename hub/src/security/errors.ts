import { SightlineError } from "@sightline/shared";

/** Why somebody may not do what they asked for. Documented in docs/reference/errors.md. */
export type SecurityErrorCode = "AUTHENTICATION_FAILED" | "AUTHORIZATION_FAILED";

export class SecurityError extends SightlineError<SecurityErrorCode> {
  override readonly name = "SecurityError";
}

/** The message begins as the contract says; `reason` is what follows. */
export function authenticationFailed(reason: string): SecurityError {
  return new SecurityError("AUTHENTICATION_FAILED", `authentication failed: ${reason}`);
}

export function authorizationFailed(reason: string): SecurityError {
  return new SecurityError("AUTHORIZATION_FAILED", `authorization failed: ${reason}`);
}

export function statusOfSecurityError(code: SecurityErrorCode): 401 | 403 {
  return code === "AUTHENTICATION_FAILED" ? 401 : 403;
}
