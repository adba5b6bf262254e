import type { AdmissionVerdict } from "./types.ts";

/** The reasons of a metav1.Status that clients know the codes by. */
const REASONS: Record<number, string> = { 400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 422: "Invalid", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout" };

/** The API server cuts what is longer. */
const WARNING_LENGTH = 256;

/**
 * The AdmissionReview that answers one of that uid. `requestId` goes into the API server's own audit log, so that its
 * lines can be held against ours.
 */
export function answerReview(uid: string, verdict: AdmissionVerdict, requestId: string): object {
  const common = { uid, auditAnnotations: { "request-id": requestId } };
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: verdict.allowed ? { ...common, allowed: true, ...permitted(verdict) } : { ...common, allowed: false, ...refused(verdict) } };
}

function permitted({ patch = [], warnings = [] }: Extract<AdmissionVerdict, { allowed: true }>): object {
  const patched = patch.length === 0 ? {} : { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") };
  const warned = warnings.length === 0 ? {} : { warnings: warnings.map((warning) => warning.slice(0, WARNING_LENGTH)) };
  return { ...patched, ...warned };
}

function refused({ code, reason }: Extract<AdmissionVerdict, { allowed: false }>): object {
  return { status: { status: "Failure", code, message: reason, reason: REASONS[code] } };
}
