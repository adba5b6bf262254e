import { messageOf } from "@sightline/shared";
import type { KubeClient } from "../../kube/client.ts";
import { listAll } from "../../kube/list-pages.ts";
import { field, textField } from "../../kube/raw.ts";
import type { Resource } from "../../kube/resources.ts";
import type { Listed } from "../facts.ts";

/** All objects of a kind; what cannot be read is named. @throws KubeError */
export async function listParsed<T>(client: KubeClient, resource: Resource, parse: (value: unknown) => T): Promise<Listed<T>> {
  const listed: Listed<T> = { objects: [], unreadable: [] };
  for (const item of await listAll(client, { resource })) {
    try {
      listed.objects.push(parse(item));
    } catch (error) {
      listed.unreadable.push({ name: `${resource.kind} ${textField(field(item, "metadata"), "name") ?? ""}`, why: messageOf(error) });
    }
  }
  return listed;
}
