/** The product's own programs, run by this Node as they are. */
import path from "node:path";

import got from "got";

import { textAt } from "../../kit/json.ts";

const REPOSITORY = path.join(import.meta.dirname, "..", "..", "..");

/** Files to run in place of the sources: built bundles, or another version. */
export type Programs = Partial<Record<"hub" | "agent", string>>;

/** Flags that a program gets beside those that it must have. */
export type ExtraFlags = Partial<Record<"hub" | "agent", readonly string[]>>;

/** The file to run: hub or agent. */
export function programOf(workspace: "hub" | "agent", programs: Programs = {}): string {
  return programs[workspace] ?? path.join(REPOSITORY, workspace, "src", "main.ts");
}

/** Asks /readyz; 200 (and the role, where one is named) is ready, anything else is said in the error. */
export async function answersReady(base: string, role?: "active"): Promise<boolean> {
  const { statusCode, body } = await got(`${base}/readyz`, { retry: { limit: 0 }, timeout: { request: 2000 }, throwHttpErrors: false });
  if (statusCode === 200 && (role === undefined || roleIn(body) === role)) return true;
  throw new Error(`/readyz answered ${statusCode}: ${body.trim().slice(0, 300)}`);
}

/** The role that a body of the hub's /readyz tells, or undefined. */
export function roleIn(body: string): string | undefined {
  const said: unknown = JSON.parse(body);
  return textAt(said, "role");
}
