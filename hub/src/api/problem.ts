import { messageOf, type Problem, problem, SightlineError, unforeseen } from "@sightline/shared";
import { DebugError, statusOfDebugError } from "@sightline/shared/debug";
import { AdmissionError } from "../admission/errors.ts";
import { AuditError } from "../audit/errors.ts";
import { KubeError } from "../kube/errors.ts";
import { SecurityError, statusOfSecurityError } from "../security/errors.ts";

const UNSUPPORTED_TYPE = 415;

/** HTTP status and body for whatever a route threw. */
export function problemOf(error: unknown, requestId: string): { status: number; body: Problem } {
  const status = statusOf(error);
  if (error instanceof SightlineError) return { status, body: problem(String(error.code), error.message, requestId) };
  if (status >= 500) return { status, body: unforeseen(requestId) };
  const message = status === UNSUPPORTED_TYPE ? "the body's type is not read here: send Content-Type: application/json" : messageOf(error);
  return { status, body: problem("INVALID_ARGUMENT", message, requestId) };
}

function statusOf(error: unknown): number {
  if (error instanceof DebugError) return statusOfDebugError(error.code);
  if (error instanceof SecurityError) return statusOfSecurityError(error.code);
  if (error instanceof AdmissionError) return 400;
  // The hub could not ask its API server, or keep what it decided: the caller may try again.
  if (error instanceof KubeError || error instanceof AuditError) return 503;
  return refusedByServer(error) ?? 500;
}

/** What fastify itself refuses, such as a body that is no JSON. */
function refusedByServer(error: unknown): number | undefined {
  if (!(error instanceof Error) || error instanceof SightlineError) return undefined;
  const status: unknown = Reflect.get(error, "statusCode");
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
