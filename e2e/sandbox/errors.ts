/** What went wrong, in a sentence that a user can act on. The command line prints it without a stack. */
export class SandboxError extends Error {
  override readonly name: string = "SandboxError";
}

/** The message of anything that was thrown, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
