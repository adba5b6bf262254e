/** The product's own programs, run by this Node as they are. */
import path from "node:path";

import got from "got";

const REPOSITORY = path.join(import.meta.dirname, "..", "..", "..");

/** The file to run: hub or agent. */
export function programOf(workspace: "hub" | "agent"): string {
  return path.join(REPOSITORY, workspace, "src", "main.ts");
}

/** Asks /readyz; 200 is ready, anything else is said in the error. */
export async function answersReady(base: string): Promise<boolean> {
  const { statusCode, body } = await got(`${base}/readyz`, { retry: { limit: 0 }, timeout: { request: 2000 }, throwHttpErrors: false });
  if (statusCode === 200) return true;
  throw new Error(`/readyz answered ${statusCode}: ${body.trim().slice(0, 300)}`);
}
