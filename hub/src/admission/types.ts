import type { User } from "../security/access/authenticate.ts";

/** The kinds that are reviewed before they are stored. */
export const REVIEWED_KINDS = ["HTTPMonitor", "ClusterRegistration", "MonitorPolicy"] as const;

export type ReviewedKind = (typeof REVIEWED_KINDS)[number];

/** What somebody asks the API server to store. */
export interface AdmissionRequest {
  uid: string;
  kind: ReviewedKind;
  operation: "CREATE" | "UPDATE";
  /** Empty for an object of the whole cluster. */
  namespace: string;
  /** Empty while the API server has yet to make one of `generateName`. */
  name: string;
  /** Who asks, as the API server has authenticated them. */
  user: User;
  /** JSON as it was sent: no schema has been applied but the CRD's. */
  object: unknown;
  /** What is stored now; undefined on CREATE. */
  oldObject: unknown;
  /** Nothing is going to be stored, whatever the answer. */
  dryRun: boolean;
}

/** One step of a JSON Patch (RFC 6902). */
export type JsonPatchOperation = { op: "add" | "replace"; path: string; value: unknown } | { op: "remove"; path: string };

/** `reason` is one sentence, which begins as the contract says. */
export type AdmissionVerdict =
  | { allowed: true; patch?: JsonPatchOperation[]; warnings?: string[] }
  | { allowed: false; code: 400 | 401 | 403 | 422 | 500 | 503 | 504; reason: string };

/** Judges. What it throws is answered as a refusal, so that nothing gets in unjudged. */
export interface Reviewer {
  /** Before validation: may change the object by its patch. */
  mutate(request: AdmissionRequest, signal: AbortSignal): Promise<AdmissionVerdict>;
  /** Of the object as it is going to be stored. */
  validate(request: AdmissionRequest, signal: AbortSignal): Promise<AdmissionVerdict>;
}
