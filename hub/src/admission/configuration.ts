import { API_GROUP, API_VERSION } from "@sightline/shared/api";
import { CLUSTER_REGISTRATIONS, HTTP_MONITORS, type Resource } from "../kube/resources.ts";
import { type MatchCondition, matchConditions } from "./match-conditions.ts";
import type { ReviewedKind } from "./types.ts";

/** Name of both configurations. */
export const CONFIGURATION_NAME = "sightline";

const ADMISSION = { apiVersion: "admissionregistration.k8s.io/v1", namespaced: false };
export const MUTATING: Resource = { ...ADMISSION, name: "mutatingwebhookconfiguration", kind: "MutatingWebhookConfiguration", plural: "mutatingwebhookconfigurations" };
export const VALIDATING: Resource = { ...ADMISSION, name: "validatingwebhookconfiguration", kind: "ValidatingWebhookConfiguration", plural: "validatingwebhookconfigurations" };

/** Where the API server finds the hubs: an address that it can dial, or a Service of its cluster. */
export type WebhookAddress = { url: string } | { service: { namespace: string; name: string; port: number } };

/** Path of each review, under either kind of address. */
export const REVIEW_PATHS = { mutate: "/admission/mutate", validate: "/admission/validate" } as const;

export type Review = keyof typeof REVIEW_PATHS;

/** What the API server waits for an answer. Longer than a review may take, so that its refusal comes through. Seconds. */
const TIMEOUT_SECONDS = 5;

/** The kinds with their resources' names; the last one's needs no more. */
const REVIEWED: readonly { kind: ReviewedKind; plural: string; scope: "Namespaced" | "Cluster" }[] = [
  { kind: "HTTPMonitor", plural: HTTP_MONITORS.plural, scope: "Namespaced" },
  { kind: "ClusterRegistration", plural: CLUSTER_REGISTRATIONS.plural, scope: "Cluster" },
  { kind: "MonitorPolicy", plural: "monitorpolicies", scope: "Cluster" },
];

/** One entry of a configuration's `webhooks`, with every field that the API server would fill in itself, so that it can be compared. */
export interface Webhook {
  name: string;
  clientConfig: { caBundle: string; url: string } | { caBundle: string; service: { namespace: string; name: string; port: number; path: string } };
  rules: readonly object[];
  failurePolicy: "Fail";
  matchPolicy: "Equivalent";
  matchConditions: readonly MatchCondition[];
  namespaceSelector: object;
  objectSelector: object;
  sideEffects: "NoneOnDryRun";
  timeoutSeconds: number;
  admissionReviewVersions: readonly string[];
  reinvocationPolicy?: "IfNeeded";
}

/** All that stands registered while hubs serve, as `configuration/webhook`. */
export const WEBHOOK_NAMES: readonly string[] = (["mutate", "validate"] as const).flatMap((review) => webhooksOf(review, { url: "" }, "").map(({ name }) => `${CONFIGURATION_NAME}/${name}`));

/** The webhooks of one configuration. `bundle`: PEM texts of the authorities by which the hubs are known. */
export function webhooksOf(review: Review, address: WebhookAddress, bundle: string): Webhook[] {
  // Only a monitor carries a record of who permitted it.
  const reviewed = review === "mutate" ? REVIEWED.filter(({ kind }) => kind === "HTTPMonitor") : REVIEWED;
  return reviewed.map(({ kind, plural, scope }) => ({
    name: `${review}.${plural}.${API_GROUP}`,
    clientConfig: { caBundle: Buffer.from(bundle).toString("base64"), ...client(address, REVIEW_PATHS[review]) },
    // Not their status: only the hub writes it. No DELETE: nothing keeps a user from deleting what is theirs.
    rules: [{ apiGroups: [API_GROUP], apiVersions: [API_VERSION], operations: ["CREATE", "UPDATE"], resources: [plural], scope }],
    // No kind but ours ever waits for a hub.
    failurePolicy: "Fail",
    matchPolicy: "Equivalent",
    matchConditions: matchConditions(kind),
    namespaceSelector: {},
    objectSelector: {},
    // A review changes nothing. It leaves a line in the audit log, that of a dry run too, where it is marked as one.
    sideEffects: "NoneOnDryRun",
    timeoutSeconds: TIMEOUT_SECONDS,
    admissionReviewVersions: ["v1"],
    // Whoever changes the spec after us would leave a record that fits no more.
    ...(review === "mutate" ? { reinvocationPolicy: "IfNeeded" as const } : {}),
  }));
}

function client(address: WebhookAddress, path: string): { url: string } | { service: { namespace: string; name: string; port: number; path: string } } {
  return "url" in address ? { url: `${address.url}${path}` } : { service: { ...address.service, path } };
}

/** Host names by which the API server knows the hubs' certificate. */
export function namesOf(address: WebhookAddress): string[] {
  if ("url" in address) return [new URL(address.url).hostname.replace(/^\[(.*)\]$/, "$1")];
  const { name, namespace } = address.service;
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}

/** Base URL at which a hub can be asked, as the API server would. */
export function baseUrlOf(address: WebhookAddress): string {
  if ("url" in address) return address.url;
  const { name, namespace, port } = address.service;
  return `https://${name}.${namespace}.svc:${port}`;
}
