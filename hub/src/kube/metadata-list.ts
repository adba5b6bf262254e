import type { KubeClient } from "./client.ts";
import { rawMeta } from "./object-cache.ts";
import { pageOf } from "./object-source.ts";
import { field, listField, textField, textsIn } from "./raw.ts";
import { collectionPath, type Resource } from "./resources.ts";

/** All that is read of an object when its content is nobody's business. */
export interface ObjectMetadata {
  name: string;
  namespace?: string;
  uid: string;
  labels: Record<string, string>;
  owners: OwnerReference[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
}

const PAGE_SIZE = 500;
const TIMEOUT_MS = 10_000;

/** Metadata of all objects of a kind that carry a label, page by page: their content never leaves the API server. @throws KubeError */
export async function listMetadata(client: KubeClient, resource: Resource, labelSelector: string, signal: AbortSignal): Promise<ObjectMetadata[]> {
  const action = `list ${resource.plural}`;
  const found: ObjectMetadata[] = [];
  let next: string | undefined;
  do {
    const query = { limit: PAGE_SIZE, continue: next, labelSelector };
    const page = pageOf(action, await client.request({ action, method: "GET", path: collectionPath(resource), query, metadataOnly: true, signal, timeoutMs: TIMEOUT_MS }));
    found.push(...page.items.flatMap((item) => metadataOf(item)));
    ({ next } = page);
  } while (next !== undefined);
  return found;
}

function metadataOf(item: unknown): ObjectMetadata[] {
  const meta = rawMeta(item);
  if (meta === undefined) return [];
  const { name, namespace, uid } = meta;
  const metadata = field(item, "metadata");
  const owners = listField(metadata, "ownerReferences").map((owner) => ({ apiVersion: text(owner, "apiVersion"), kind: text(owner, "kind"), name: text(owner, "name"), uid: text(owner, "uid") }));
  return [{ name, uid, ...(namespace === undefined ? {} : { namespace }), labels: textsIn(metadata, "labels"), owners }];
}

function text(value: unknown, name: string): string {
  return textField(value, name) ?? "";
}
