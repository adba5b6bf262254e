import { messageOf } from "@sightline/shared";
import type { KubeClient } from "../../kube/client.ts";
import { field, listField, textField } from "../../kube/raw.ts";
import { collectionPath, type Resource } from "../../kube/resources.ts";
import type { Listed } from "../facts.ts";

const PAGE = 500;

/** All objects of a kind, page by page. @throws KubeError */
export async function listAll(client: KubeClient, resource: Resource): Promise<unknown[]> {
  const items: unknown[] = [];
  let next: string | undefined;
  do {
    const query = { limit: PAGE, continue: next };
    const answer = await client.request({ action: `list ${resource.kind}s`, method: "GET", path: collectionPath(resource), query });
    items.push(...listField(answer, "items"));
    next = textField(field(answer, "metadata"), "continue");
  } while (next !== undefined && next !== "");
  return items;
}

/** The same, parsed; what cannot be read is named. @throws KubeError */
export async function listParsed<T>(client: KubeClient, resource: Resource, parse: (value: unknown) => T): Promise<Listed<T>> {
  const listed: Listed<T> = { objects: [], unreadable: [] };
  for (const item of await listAll(client, resource)) {
    try {
      listed.objects.push(parse(item));
    } catch (error) {
      listed.unreadable.push({ name: `${resource.kind} ${textField(field(item, "metadata"), "name") ?? ""}`, why: messageOf(error) });
    }
  }
  return listed;
}
