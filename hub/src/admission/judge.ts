import { type Clock, sleep } from "@sightline/shared";
import { ObjectError } from "@sightline/shared/api";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { AuditError } from "../audit/errors.ts";
import { KubeError } from "../kube/errors.ts";
import { SecurityError, statusOfSecurityError } from "../security/errors.ts";
import type { AdmissionRequest, AdmissionVerdict } from "./types.ts";

/** What a review may take. The API server gives up 2 s later, with a sentence that tells nobody anything. Milliseconds. */
export const REVIEW_LIMIT_MS = 3000;

/** How a review ended: `failed` could not be judged, and was refused for that. */
export type ReviewOutcome = "allowed" | "refused" | "failed";

export interface Judgement {
  verdict: AdmissionVerdict;
  outcome: ReviewOutcome;
}

export interface JudgeOptions {
  clock: Clock;
  logger: Logger;
}

/** Has a request judged within the limit. Never rejects: what cannot be judged is refused. */
export async function judge(review: (request: AdmissionRequest, signal: AbortSignal) => Promise<AdmissionVerdict>, request: AdmissionRequest, { clock, logger }: JudgeOptions): Promise<Judgement> {
  const [late, judged] = [new AbortController(), new AbortController()];
  const limit = sleep(clock, REVIEW_LIMIT_MS, judged.signal).then((): Judgement => {
    late.abort();
    return { verdict: TOO_LATE, outcome: "failed" };
  });
  const judging = Promise.try(review, request, late.signal).then(
    (verdict): Judgement => ({ verdict, outcome: verdict.allowed ? "allowed" : "refused" }),
    (error: unknown): Judgement => {
      const failure = failedVerdict(error);
      // After the limit nobody waits for it any more; its error says only that it was ended.
      if (failure.outcome === "failed" && !late.signal.aborted) logger.error("An admission review failed", { kind: request.kind, namespace: request.namespace, name: request.name, ...errorFields(error) });
      return failure;
    },
  );
  const judgement = await Promise.race([judging, limit]);
  judged.abort();
  return judgement;
}

const TOO_LATE: AdmissionVerdict = {
  allowed: false,
  code: 504,
  reason: `authorization failed: it could not be found out within ${REVIEW_LIMIT_MS / 1000} s whether you may do this; apply it again, and if that goes on name the clusters that it is for (annotation monitoring.example.com/clusters)`,
};

function failedVerdict(error: unknown): Judgement {
  if (error instanceof SecurityError) return { verdict: { allowed: false, code: statusOfSecurityError(error.code), reason: error.message }, outcome: "refused" };
  if (error instanceof KubeError) return { verdict: { allowed: false, code: 503, reason: "authorization failed: the hub could not ask its API server whether you may do this; apply it again" }, outcome: "failed" };
  if (error instanceof AuditError) return { verdict: { allowed: false, code: 503, reason: `authorization failed: ${error.message}` }, outcome: "failed" };
  // The API server has validated it: by the schema of another version.
  if (error instanceof ObjectError) return { verdict: { allowed: false, code: 422, reason: `authorization failed: what the hub cannot read cannot be judged: ${error.message}` }, outcome: "failed" };
  return { verdict: { allowed: false, code: 500, reason: "authorization failed: the hub could not find out whether you may do this; its log says why" }, outcome: "failed" };
}
