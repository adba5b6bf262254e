/** The one shape of every error that a listener of hub or agent answers. */
export interface Problem {
  error: { code: string; message: string; request_id: string };
}

export function problem(code: string, message: string, requestId: string): Problem {
  return { error: { code, message, request_id: requestId } };
}

export function nothingHere(requestId: string): Problem {
  return problem("NOT_FOUND", "there is nothing under this path", requestId);
}

/** What nobody foresaw is told to the log only: it may hold anything. */
export function unforeseen(requestId: string): Problem {
  return problem("UNEXPECTED", "something unexpected happened; the log has it under this request id", requestId);
}
