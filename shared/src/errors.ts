/**
 * The one base class of the errors that we throw. `code` is stable and documented in docs/reference/errors.md;
 * `retryable` tells a loop whether the same try may succeed later.
 */
export class SightlineError<Code extends string = string> extends Error {
  override readonly name: string = "SightlineError";
  readonly code: Code;
  readonly retryable: boolean;

  constructor(code: Code, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The message of anything that was thrown, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
