import { SightlineError } from "../errors.ts";
import { compileSchema } from "../wire/schema.ts";
import type { ClusterRegistration } from "./generated/clusterregistration.ts";
import type { HTTPMonitor } from "./generated/httpmonitor.ts";
import type { MonitorPolicy } from "./generated/monitorpolicy.ts";
import { validateClusterRegistrationSchema, validateHTTPMonitorSchema, validateMonitorPolicySchema } from "./generated/validators.js";
import type { ObjectMeta } from "./object-meta.ts";
import type { SchemaCheck } from "./schema-check.ts";

/** An object of ours that does not follow its own schema. Documented in docs/reference/errors.md. */
export class ObjectError extends SightlineError<"INVALID_OBJECT"> {
  override readonly name = "ObjectError";
}

const texts = { type: "object", additionalProperties: { type: "string" } } as const;

const validateMetadata = compileSchema<{ metadata: ObjectMeta }>({
  type: "object",
  required: ["metadata"],
  properties: {
    metadata: {
      type: "object",
      required: ["name", "uid", "resourceVersion"],
      properties: {
        name: { type: "string" },
        namespace: { type: "string" },
        uid: { type: "string" },
        resourceVersion: { type: "string" },
        generation: { type: "integer" },
        creationTimestamp: { type: "string" },
        deletionTimestamp: { type: "string" },
        labels: texts,
        annotations: texts,
        finalizers: { type: "array", items: { type: "string" } },
      },
    },
  },
});

/** @throws ObjectError INVALID_OBJECT with the first place that is wrong. */
export function parseHTTPMonitor(value: unknown): HTTPMonitor {
  return parseObject(value, "HTTPMonitor", validateHTTPMonitorSchema);
}

/** @throws ObjectError INVALID_OBJECT with the first place that is wrong. */
export function parseClusterRegistration(value: unknown): ClusterRegistration {
  return parseObject(value, "ClusterRegistration", validateClusterRegistrationSchema);
}

/** @throws ObjectError INVALID_OBJECT with the first place that is wrong. */
export function parseMonitorPolicy(value: unknown): MonitorPolicy {
  return parseObject(value, "MonitorPolicy", validateMonitorPolicySchema);
}

/** The part of a Kubernetes Namespace that we read. */
export interface Namespace {
  metadata: Pick<ObjectMeta, "name" | "uid" | "resourceVersion" | "labels">;
}

/** @throws ObjectError INVALID_OBJECT with the first place that is wrong. */
export function parseNamespace(value: unknown): Namespace {
  const { name, uid, resourceVersion, labels } = metadataOf(value, "Namespace");
  return { metadata: { name, uid, resourceVersion, ...(labels === undefined ? {} : { labels }) } };
}

/** The least of any object: which one it is, and in which version. @throws ObjectError INVALID_OBJECT */
export function parseMetadata(value: unknown, kind: string): Pick<ObjectMeta, "name" | "uid" | "resourceVersion"> {
  const { name, uid, resourceVersion } = metadataOf(value, kind);
  return { name, uid, resourceVersion };
}

function parseObject<T>(value: unknown, kind: string, check: SchemaCheck<T>): T {
  metadataOf(value, kind);
  if (check(value)) return value;
  const first = check.errors?.[0];
  throw new ObjectError("INVALID_OBJECT", `${kind}${first?.instancePath.replaceAll("/", ".") ?? ""} ${first?.message ?? "is invalid"}`);
}

function metadataOf(value: unknown, kind: string): ObjectMeta {
  try {
    return validateMetadata(value, kind).metadata;
  } catch (cause) {
    throw new ObjectError("INVALID_OBJECT", cause instanceof Error ? cause.message : `${kind} is invalid`, { cause });
  }
}
