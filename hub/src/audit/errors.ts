import { SightlineError } from "@sightline/shared";

/** Why a decision cannot be kept. Documented in docs/reference/errors.md. */
export type AuditErrorCode = "AUDIT_UNAVAILABLE" | "AUDIT_LOG_UNREADABLE";

export class AuditError extends SightlineError<AuditErrorCode> {
  override readonly name = "AuditError";
}

/** What may not be done because nobody could ever tell that it was. */
export function auditUnavailable(reason: string, cause?: unknown): AuditError {
  return new AuditError("AUDIT_UNAVAILABLE", `the audit log cannot be written, so nothing is permitted: ${reason}`, { cause, retryable: true });
}
