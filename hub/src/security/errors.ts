import { SightlineError } from "@sightline/shared";

/** Why somebody may not do what they asked for. Documented in docs/reference/errors.md. */
export type SecurityErrorCode =
  | "AUTHENTICATION_FAILED"
  | "AUTHORIZATION_FAILED"
  | "POLICY_VIOLATION"
  /** The API server did not say in time what somebody may do: nothing is permitted then. */
  | "RIGHTS_UNKNOWN";

const STATUS: Record<SecurityErrorCode, 401 | 403 | 422 | 503> = { AUTHENTICATION_FAILED: 401, AUTHORIZATION_FAILED: 403, POLICY_VIOLATION: 422, RIGHTS_UNKNOWN: 503 };

export class SecurityError extends SightlineError<SecurityErrorCode> {
  override readonly name = "SecurityError";
  /** Which rule decided, for the audit log: a policy and its field, a right. */
  readonly rule: string | undefined;

  constructor(code: SecurityErrorCode, message: string, options: { cause?: unknown; retryable?: boolean; rule?: string } = {}) {
    super(code, message, options);
    this.rule = options.rule;
  }
}

/** The message begins as the contract says; `reason` is what follows. */
export function authenticationFailed(reason: string): SecurityError {
  return new SecurityError("AUTHENTICATION_FAILED", `authentication failed: ${reason}`);
}

export function authorizationFailed(reason: string, rule?: string): SecurityError {
  return new SecurityError("AUTHORIZATION_FAILED", `authorization failed: ${reason}`, rule === undefined ? {} : { rule });
}

/** `message` is the whole sentence. */
export function policyViolated(message: string, rule: string): SecurityError {
  return new SecurityError("POLICY_VIOLATION", message, { rule });
}

export function rightsUnknown(reason: string, cause?: unknown): SecurityError {
  return new SecurityError("RIGHTS_UNKNOWN", `authorization failed: ${reason}`, { cause, retryable: true });
}

export function statusOfSecurityError(code: SecurityErrorCode): 401 | 403 | 422 | 503 {
  return STATUS[code];
}
