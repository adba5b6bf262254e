import { SightlineError } from "@sightline/shared";

/** What keeps an admission review from being judged at all. Documented in docs/reference/errors.md. */
export type AdmissionErrorCode = "INVALID_REVIEW";

export class AdmissionError extends SightlineError<AdmissionErrorCode> {
  override readonly name = "AdmissionError";
}
