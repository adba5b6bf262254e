import { readFile } from "node:fs/promises";
import { messageOf, SightlineError } from "@sightline/shared";
import got, { HTTPError } from "got";
import type { AlertConfig } from "./flags.ts";
import type { Alert } from "./leak-alerts.ts";

export type AlertErrorCode =
  /** An Alertmanager refuses what it is sent. */
  | "ALERTMANAGER_REFUSED"
  /** An Alertmanager cannot be reached, or the token for it cannot be read. */
  | "ALERTMANAGER_UNAVAILABLE";

/** Why alerts did not arrive. They are told again at the next look. Documented in docs/reference/errors.md. */
export class AlertError extends SightlineError<AlertErrorCode> {
  override readonly name = "AlertError";
}

/** One try, and all of them together (1, 2 and 4 s apart). Milliseconds. */
const TIMEOUT_MS = 5000;
const RETRIES = 3;

/** Tells one Alertmanager of alerts (API v2, POST /alerts): those that it knows by their labels are refreshed. @throws AlertError */
export async function postAlerts(url: string, alerts: readonly Alert[], { tokenFile, ca }: Pick<AlertConfig, "tokenFile" | "ca">, signal: AbortSignal): Promise<void> {
  try {
    const { statusCode } = await got.post(new URL("api/v2/alerts", url), {
      json: alerts.map((alert) => bodyOf(alert)),
      headers: tokenFile === undefined ? {} : { authorization: `Bearer ${(await readFile(tokenFile, "utf8")).trim()}` },
      https: ca === undefined ? {} : { certificateAuthority: ca },
      timeout: { request: TIMEOUT_MS },
      retry: { limit: RETRIES, methods: ["POST"] },
      // A token goes to nobody but whom it was given for.
      followRedirect: false,
      signal,
    });
    if (statusCode >= 300) throw new AlertError("ALERTMANAGER_REFUSED", `${url} redirects with HTTP status ${statusCode}: name where it leads`, { retryable: true });
  } catch (error) {
    throw error instanceof AlertError ? error : alertError(url, error);
  }
}

function bodyOf({ labels, annotations, startsAt, endsAt }: Alert): object {
  return { labels, annotations, startsAt: new Date(startsAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
}

function alertError(url: string, error: unknown): AlertError {
  if (!(error instanceof HTTPError)) return new AlertError("ALERTMANAGER_UNAVAILABLE", `failed to tell ${url} of alerts: ${messageOf(error)}`, { cause: error, retryable: true });
  const body: unknown = error.response.body;
  return new AlertError("ALERTMANAGER_REFUSED", `${url} refused alerts: HTTP status ${error.response.statusCode}: ${String(body).slice(0, 200)}`, { cause: error, retryable: true });
}
