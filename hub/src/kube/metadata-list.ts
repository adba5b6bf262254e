import type { KubeClient } from "./client.ts";
import { listAll } from "./list-pages.ts";
import { rawMeta } from "./object-cache.ts";
import { field, listField, textField, textsIn } from "./raw.ts";
import type { Resource } from "./resources.ts";

/** All that is read of an object when its content is nobody's business. */
export interface ObjectMetadata {
  name: string;
  namespace?: string;
  uid: string;
  labels: Record<string, string>;
  owners: OwnerReference[];
  finalizers: string[];
  deletionTimestamp?: string;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
}

const TIMEOUT_MS = 10_000;

/** Metadata of all objects of a kind (with a label selector: those that match), page by page: their content never leaves the API server. @throws KubeError */
export async function listMetadata(client: KubeClient, resource: Resource, signal: AbortSignal, labelSelector?: string): Promise<ObjectMetadata[]> {
  const items = await listAll(client, { resource, labelSelector, metadataOnly: true, signal, timeoutMs: TIMEOUT_MS });
  return items.flatMap((item) => metadataOf(item));
}

function metadataOf(item: unknown): ObjectMetadata[] {
  const meta = rawMeta(item);
  if (meta === undefined) return [];
  const { name, namespace, uid } = meta;
  const metadata = field(item, "metadata");
  const owners = listField(metadata, "ownerReferences").map((owner) => ({ apiVersion: text(owner, "apiVersion"), kind: text(owner, "kind"), name: text(owner, "name"), uid: text(owner, "uid") }));
  const finalizers = listField(metadata, "finalizers").filter((finalizer) => typeof finalizer === "string");
  const deletionTimestamp = textField(metadata, "deletionTimestamp");
  const object = { name, uid, labels: textsIn(metadata, "labels"), owners, finalizers };
  return [{ ...object, ...(namespace === undefined ? {} : { namespace }), ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) }];
}

function text(value: unknown, name: string): string {
  return textField(value, name) ?? "";
}
