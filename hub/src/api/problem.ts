import { messageOf, SightlineError } from "@sightline/shared";
import { DebugError, statusOfDebugError } from "@sightline/shared/debug";
import { KubeError } from "../kube/errors.ts";
import { SecurityError, statusOfSecurityError } from "../security/errors.ts";

/** The one shape of every error that the hub's API answers. */
export interface Problem {
  error: { code: string; message: string; request_id: string };
}

const UNEXPECTED = "UNEXPECTED";

/** HTTP status and body for whatever a route threw. What nobody foresaw is told to the log only: it may hold anything. */
export function problemOf(error: unknown, requestId: string): { status: number; body: Problem } {
  const status = statusOf(error);
  const code = error instanceof SightlineError ? String(error.code) : status < 500 ? "INVALID_ARGUMENT" : UNEXPECTED;
  const message = code === UNEXPECTED ? "something unexpected happened; the log has it under this request id" : messageOf(error);
  return { status, body: { error: { code, message, request_id: requestId } } };
}

function statusOf(error: unknown): number {
  if (error instanceof DebugError) return statusOfDebugError(error.code);
  if (error instanceof SecurityError) return statusOfSecurityError(error.code);
  // The hub could not ask its API server: the caller may try again.
  if (error instanceof KubeError) return 503;
  return refusedByServer(error) ?? 500;
}

/** What fastify itself refuses, such as a body that is no JSON. */
function refusedByServer(error: unknown): number | undefined {
  if (!(error instanceof Error) || error instanceof SightlineError) return undefined;
  const status: unknown = Reflect.get(error, "statusCode");
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
