import { currentSpan, requestFields } from "@sightline/shared/telemetry";
import type { LineBody } from "./chain.ts";
import type { AuditEntry, AuditUser } from "./types.ts";

/** No line grows past a few kilobytes, whatever an asker puts into names: nobody fills the disk by one request. */
const MAX_TEXT = 1024;
const MAX_ITEMS = 100;

/** The line of a decision, beside its place in the chain. What the entry leaves out is taken from the request or span that is being served. */
export function decisionLine(entry: AuditEntry, now: number): LineBody {
  const { operation, user, resource, clusters, outcome, rule, reason, dryRun, count = 1 } = entry;
  return {
    audit: "decision",
    time: new Date(now).toISOString(),
    operation: bounded(operation),
    user: userIn(user),
    resource: texts({ ...resource }),
    ...(clusters === undefined ? {} : { clusters: items(clusters) }),
    outcome,
    ...texts({ rule, reason, ...surroundings(entry) }),
    ...(dryRun === true ? { dryRun } : {}),
    ...(count > 1 ? { count } : {}),
  };
}

function surroundings({ requestId = requestFields()["request_id"], traceId = currentSpan()?.traceId }: AuditEntry): Record<string, string | undefined> {
  return { requestId, traceId };
}

function userIn({ name, uid, groups }: AuditUser): object {
  return { name: bounded(name), uid: bounded(uid), groups: items(groups) };
}

function texts(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, text]) => (text === undefined ? [] : [[name, bounded(text)]])));
}

function items(values: readonly string[]): string[] {
  const shown = values.slice(0, MAX_ITEMS).map(bounded);
  return values.length > MAX_ITEMS ? [...shown, `… and ${values.length - MAX_ITEMS} more`] : shown;
}

/** Without what a URL may hide: its query, its fragment, its user info. */
function bounded(text: string): string {
  const start = text.slice(0, 4 * MAX_TEXT);
  const clean = start.replaceAll(/[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>]+/gi, withoutSecrets);
  return (clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT)}…` : clean).toWellFormed();
}

function withoutSecrets(text: string): string {
  const url = URL.parse(text);
  return url === null ? "(no URL)" : `${url.protocol}//${url.host}${url.pathname}`;
}
