import { ApiException } from "@kubernetes/client-node";
import { messageOf, SightlineError } from "@sightline/shared";
import { field, jsonIn, textField } from "./raw.ts";

/** What the Kubernetes API server answered, or that it did not. Documented in docs/reference/errors.md. */
export type KubeErrorCode =
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "CONFLICT"
  | "FORBIDDEN"
  | "UNAUTHORIZED"
  | "INVALID"
  | "GONE"
  | "TOO_MANY_REQUESTS"
  | "TIMEOUT"
  | "UNAVAILABLE"
  /** Kept back by this process itself: it is not, or no longer, the one that writes. */
  | "NOT_LEADING";

/** `retryable` is false only where the same request can never succeed. */
export class KubeError extends SightlineError<KubeErrorCode> {
  override readonly name = "KubeError";
}

/** The codes by which one and the same request is refused for ever. */
const FINAL: ReadonlySet<KubeErrorCode> = new Set(["INVALID"]);

const CODE_OF_STATUS: Record<number, KubeErrorCode> = {
  400: "INVALID",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "INVALID",
  408: "TIMEOUT",
  409: "CONFLICT",
  410: "GONE",
  413: "INVALID",
  415: "INVALID",
  422: "INVALID",
  429: "TOO_MANY_REQUESTS",
  504: "TIMEOUT",
};

/**
 * The error for an HTTP status and its body (a metav1.Status, when the API server itself answered).
 * `action` says what was tried, as in `get httpmonitor shop/front`.
 */
export function errorOfAnswer(action: string, status: number, body: unknown): KubeError {
  const { reason, message } = readStatus(body);
  const code = reason === "AlreadyExists" ? "ALREADY_EXISTS" : (CODE_OF_STATUS[status] ?? "UNAVAILABLE");
  return new KubeError(code, `failed to ${action}: ${message ?? `HTTP status ${status}`}`, { retryable: !FINAL.has(code) });
}

/** Makes a KubeError of whatever a request threw: an answer of the server, our own time-out, or a broken connection. */
export function kubeError(action: string, error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  if (error instanceof ApiException) return errorOfAnswer(action, error.code, error.body);
  const status = statusOf(error);
  if (status !== undefined) return errorOfAnswer(action, status, { message: messageOf(error) });
  const code: KubeErrorCode = isTimeout(error) ? "TIMEOUT" : "UNAVAILABLE";
  return new KubeError(code, `failed to ${action}: ${deepestMessage(error)}`, { cause: error, retryable: true });
}

export function isKubeError(error: unknown, ...codes: KubeErrorCode[]): error is KubeError {
  return error instanceof KubeError && codes.includes(error.code);
}

/** `undefined` where the object is not there. */
export async function unlessNotFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isKubeError(error, "NOT_FOUND")) return undefined;
    throw error;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || /time.?out/i.test(messageOf(error.cause)));
}

/** fetch hides what happened (`fetch failed`) behind its cause (`connect ECONNREFUSED`). */
function deepestMessage(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? deepestMessage(error.cause) : messageOf(error);
}

/** client-node's Watch throws a plain Error with the status beside it. */
function statusOf(error: unknown): number | undefined {
  const status = field(error, "statusCode");
  return typeof status === "number" ? status : undefined;
}

/** Reason and message of a metav1.Status, given as an object or as its JSON text. */
function readStatus(body: unknown): { reason: string | undefined; message: string | undefined } {
  const status = typeof body === "string" ? jsonIn(body) : body;
  return { reason: textField(status, "reason"), message: textField(status, "message") };
}
