import { MONITOR_FINALIZER, REGISTRATION_FINALIZER } from "@sightline/shared/api";
import { pMapSettled } from "p-map";
import type { KubeClient } from "../kube/client.ts";
import { isKubeError, unlessNotFound } from "../kube/errors.ts";
import { listPage, type ObjectPage } from "../kube/list-pages.ts";
import { rawMeta } from "../kube/object-cache.ts";
import { field, listField, textField } from "../kube/raw.ts";
import { CLUSTER_REGISTRATIONS, HTTP_MONITORS, keyOf, NAMESPACES, objectPath, type Resource } from "../kube/resources.ts";
import { KubeWriter, type Seen } from "../kube/writes.ts";

/** Objects that are released at the same time. */
const CONCURRENCY = 16;
/** What is made while the list is read is on the next one; a hub that goes on making them must be stopped. */
const PASSES = 10;
const PAGE_SIZE = 500;

/** The kinds that a hub holds by a finalizer, until it has cleaned up after them. */
export const HELD_KINDS: readonly HeldKind[] = [
  { resource: HTTP_MONITORS, finalizer: MONITOR_FINALIZER },
  { resource: CLUSTER_REGISTRATIONS, finalizer: REGISTRATION_FINALIZER },
];

export interface HeldKind {
  resource: Resource;
  finalizer: string;
}

/** Which objects are meant. */
export interface Scope {
  /** All namespaces without it. */
  namespace?: string;
  /** Only those that somebody deleted: they are gone afterwards, unless somebody else holds them too. */
  deletedOnly: boolean;
}

/** What of an object decides whether it is to be released. */
export interface HeldObject extends Seen {
  finalizers: string[];
  deleted: boolean;
}

export interface Released {
  released: number;
  /** Keys of objects that somebody else's finalizer holds still. */
  heldByOthers: string[];
}

/** Takes the hub's finalizer from all objects of a kind. `progress` is told of each page's end. @throws KubeError */
export async function releaseAll(client: KubeClient, kind: HeldKind, scope: Scope, progress: (released: number) => void): Promise<Released> {
  const result: Released = { released: 0, heldByOthers: [] };
  for (let pass = 0; pass < PASSES; pass++) {
    const before = result.released;
    await releaseOnce(client, kind, scope, (page) => {
      result.released += page.released;
      result.heldByOthers.push(...page.heldByOthers);
      if (page.released > 0) progress(result.released);
    });
    if (result.released === before) break;
  }
  return { released: result.released, heldByOthers: [...new Set(result.heldByOthers)] };
}

/** The same of one object. @returns undefined when there is none of that name. @throws KubeError */
export async function releaseOne(client: KubeClient, kind: HeldKind, object: { namespace?: string; name: string }): Promise<(Released & { deleted: boolean }) | undefined> {
  const { resource } = kind;
  const found = await unlessNotFound(client.request({ action: `read ${resource.name} ${keyOf(object)}`, method: "GET", path: objectPath(resource, object) }));
  const [held] = heldIn([found]);
  if (held === undefined) return undefined;
  return { ...(held.deleted ? await releaseThese(client, kind, [held]) : { released: 0, heldByOthers: [] }), deleted: held.deleted };
}

/** Whoever may not look is told nothing of it. @throws KubeError */
export async function namespaceIsThere(client: KubeClient, name: string): Promise<boolean> {
  try {
    return (await unlessNotFound(client.request({ action: `read namespace ${name}`, method: "GET", path: objectPath(NAMESPACES, { name }) }))) !== undefined;
  } catch (error) {
    if (isKubeError(error, "FORBIDDEN")) return true;
    throw error;
  }
}

async function releaseOnce(client: KubeClient, kind: HeldKind, { namespace, deletedOnly }: Scope, told: (page: Released) => void): Promise<void> {
  const request = { resource: kind.resource, metadataOnly: true, pageSize: PAGE_SIZE, ...(namespace === undefined ? {} : { namespace }) } as const;
  let from: string | undefined;
  do {
    const page: ObjectPage = await listPage(client, request, from);
    told(await releaseThese(client, kind, heldIn(page.items).filter(({ deleted }) => deleted || !deletedOnly)));
    from = page.next;
  } while (from !== undefined);
}

async function releaseThese(client: KubeClient, { resource, finalizer }: HeldKind, objects: readonly HeldObject[]): Promise<Released> {
  const writer = new KubeWriter(client);
  const waiting = objects.filter(({ finalizers }) => finalizers.includes(finalizer));
  const heldByOthers = objects.filter(({ deleted, finalizers }) => deleted && finalizers.some((name) => name !== finalizer)).map((object) => keyOf(object));
  // All of them are tried: one that cannot be released must not keep the others.
  const tried = await pMapSettled(waiting, (object) => writer.removeFinalizer(resource, object, finalizer), { concurrency: CONCURRENCY });
  for (const one of tried) if (one.status === "rejected") throw one.reason;
  return { released: waiting.length, heldByOthers };
}

/** What is known of objects; what is none is left out. */
export function heldIn(items: readonly unknown[]): HeldObject[] {
  return items.flatMap((item) => {
    const [meta, metadata] = [rawMeta(item), field(item, "metadata")];
    if (meta === undefined) return [];
    const finalizers = listField(metadata, "finalizers").filter((name) => typeof name === "string");
    return [{ ...meta, finalizers, deleted: textField(metadata, "deletionTimestamp") !== undefined }];
  });
}
