import { X509Certificate } from "node:crypto";
import { WEBHOOK_NAMES } from "../../admission/configuration.ts";
import type { Webhook } from "../facts.ts";
import { Check, type Finding, type Looked, whenSeen } from "../finding.ts";

const DAY_MS = 86_400_000;
const EXPIRES_SOON_MS = 14 * DAY_MS;

/** Webhooks that the API server asks before it stores our objects: one that is broken and fails closed stops every write. */
export function checkWebhooks(looked: Looked<readonly Webhook[]>, now: number): Finding[] {
  return whenSeen("kubernetes.webhooks", looked, (webhooks, check) => {
    const there = webhooks.map((webhook) => nameOf(webhook));
    const missing = WEBHOOK_NAMES.filter((name) => !there.includes(name));
    const advice = "Run a hub with --webhook-listen; its /readyz says what keeps it from registering the webhook.";
    if (missing.length > 0) check.warning(`not registered, so changes are stored without a review, and not placed unless a hub has --place-unreviewed: ${missing.join(", ")}`, { advice });
    return [...check.findings, ...webhooks.flatMap((webhook) => checkWebhook(webhook, now))];
  });
}

function checkWebhook(webhook: Webhook, now: number): Finding[] {
  const check = new Check("kubernetes.webhooks");
  const where = nameOf(webhook);
  const trouble = [serviceTrouble(webhook), certificateTrouble(webhook.caBundle, now)].filter((sentence) => sentence !== undefined);
  const problem = trouble.join("; ");
  const advice = "Mend it, or delete its configuration.";
  if (problem !== "" && webhook.failsClosed) return check.failed(`${problem}: it fails closed, so our objects cannot be written`, { where, advice }).findings;
  if (problem !== "") return check.warning(`${problem}: it fails open, so objects are stored without it`, { where, advice }).findings;
  if (WEBHOOK_NAMES.includes(where)) return checkOurs(webhook, now);
  if (!webhook.endpoints.seen) return check.unchecked(`its service cannot be looked at: ${webhook.endpoints.why}`, { where }).findings;
  const soon = soonExpired(webhook, now);
  if (soon !== undefined) return check.warning(soon, { where, advice: "Renew it." }).findings;
  if (webhook.failsClosed) return check.warning("it is there, and fails closed: while it is away, our objects cannot be written", { where, advice: "Run it with two replicas, or set failurePolicy: Ignore." }).findings;
  return check.ok("it is there, and fails open", { where }).findings;
}

/** Sound, so far. It fails closed on purpose: nothing is placed for somebody who may not. */
function checkOurs(webhook: Webhook, now: number): Finding[] {
  const check = new Check("kubernetes.webhooks");
  const where = nameOf(webhook);
  if (!webhook.failsClosed) return check.failed("it fails open: changes are stored without a review while no hub is there", { where, advice: "The hub that leads sets it right within seconds: see whether one does." }).findings;
  const soon = soonExpired(webhook, now);
  if (soon !== undefined) return check.warning(soon, { where, advice: "A hub renews it months before: see what keeps it from doing so." }).findings;
  return check.ok(webhook.service === undefined ? "registered; by a URL, so hubs.ready says whether hubs serve it" : "registered, and hubs are there", { where }).findings;
}

function nameOf({ configuration, name }: Webhook): string {
  return `${configuration}/${name}`;
}

function soonExpired({ caBundle }: Webhook, now: number): string | undefined {
  const end = expiry(caBundle);
  return end !== undefined && end - now < EXPIRES_SOON_MS ? `its CA expires at ${new Date(end).toISOString()}` : undefined;
}

function serviceTrouble({ service, endpoints }: Webhook): string | undefined {
  if (service === undefined || !endpoints.seen) return undefined;
  if (endpoints.value === undefined) return `its service ${service} does not exist`;
  return endpoints.value === 0 ? `its service ${service} has no ready endpoint` : undefined;
}

function certificateTrouble(caBundle: string, now: number): string | undefined {
  if (caBundle === "") return undefined;
  const end = expiry(caBundle);
  if (end === undefined) return "its CA bundle holds no certificate that can be read";
  return end <= now ? `its CA expired at ${new Date(end).toISOString()}` : undefined;
}

/** When the last certificate of a bundle ends: until then one of them may do. Undefined when none can be read. */
function expiry(bundle: string): number | undefined {
  const ends = (bundle.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? []).flatMap((pem) => {
    try {
      return [Date.parse(new X509Certificate(pem).validTo)];
    } catch {
      return [];
    }
  });
  return ends.length === 0 ? undefined : Math.max(...ends);
}
