import type { KubeClient, KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";
import { field, textField } from "./raw.ts";
import { collectionPath, type Resource } from "./resources.ts";

/** One page of a list. */
export interface ObjectPage {
  items: unknown[];
  /** Of the whole collection, at the time of the first page. */
  resourceVersion: string;
  /** Where the next page begins; undefined on the last one. */
  next: string | undefined;
}

/** What is to be listed: all objects of a kind, or those of one namespace, or with a label. */
export interface ListRequest extends Pick<KubeRequest, "metadataOnly" | "signal" | "timeoutMs"> {
  resource: Resource;
  namespace?: string;
  labelSelector?: string | undefined;
  /** Objects of one page. */
  pageSize?: number;
}

const PAGE_SIZE = 500;

/** Everything that a list has, one page after the other. */
export async function listPages(list: (from: string | undefined) => Promise<ObjectPage>): Promise<Omit<ObjectPage, "next">> {
  let page = await list(undefined);
  const items = [...page.items];
  while (page.next !== undefined) {
    page = await list(page.next);
    items.push(...page.items);
  }
  return { items, resourceVersion: page.resourceVersion };
}

/** All that was asked for, page by page. @throws KubeError */
export async function listAll(client: KubeClient, request: ListRequest): Promise<unknown[]> {
  return (await listPages((from) => listPage(client, request, from))).items;
}

/** @throws KubeError UNAVAILABLE when the answer is no list: something between us and the API server answered. */
export async function listPage(client: KubeClient, request: ListRequest, from: string | undefined): Promise<ObjectPage> {
  const { resource, namespace, labelSelector, pageSize = PAGE_SIZE, ...rest } = request;
  const action = `list ${resource.plural}`;
  const query = { limit: pageSize, continue: from, labelSelector };
  return pageOf(action, await client.request({ ...rest, action, method: "GET", path: collectionPath(resource, namespace), query }));
}

function pageOf(action: string, answer: unknown): ObjectPage {
  // An empty list of metadata alone comes as null.
  const items = field(answer, "items") === null ? [] : field(answer, "items");
  const metadata = field(answer, "metadata");
  const resourceVersion = textField(metadata, "resourceVersion");
  if (!Array.isArray(items) || resourceVersion === undefined) throw new KubeError("UNAVAILABLE", `failed to ${action}: the answer is not a list`, { retryable: true });
  const next = textField(metadata, "continue");
  return { items, resourceVersion, next: next === "" ? undefined : next };
}
