import { FIELD_MANAGER, type ObjectMeta } from "@sightline/shared/api";
import type { KubeClient } from "./client.ts";
import { WRITE_CONSISTENCY, type WriteKind } from "./consistency.ts";
import { isKubeError, KubeError, unlessNotFound } from "./errors.ts";
import { type RawMeta, rawMeta } from "./object-cache.ts";
import { field, listField } from "./raw.ts";
import { keyOf, objectPath, type Resource } from "./resources.ts";

/** Which object is meant, as it was seen: a later one of the same name is another one. */
export type Seen = Pick<ObjectMeta, "name" | "namespace" | "uid" | "resourceVersion" | "finalizers">;

const CONFLICT_RETRIES = 3;

/** The writes of the hub to its own objects. Every method throws a KubeError; CONFLICT means that the picture was stale. */
export class KubeWriter {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /**
   * Writes the whole status: fields that are left out and were ours go away. The table in consistency.ts says whether
   * `seen.resourceVersion` must still be the stored one (CONFLICT otherwise, and nothing was written).
   * The API server does not compare the UID of a status write: an eventual one that met a new object of the same name is
   * found out afterwards (CONFLICT, too), and mended by that object's own next write.
   * @returns the object's new resourceVersion.
   */
  async patchStatus(kind: WriteKind, resource: Resource, seen: Seen, status: object): Promise<string> {
    const guard = WRITE_CONSISTENCY[kind] === "eventual" ? {} : { resourceVersion: seen.resourceVersion };
    const metadata = { name: seen.name, ...(seen.namespace === undefined ? {} : { namespace: seen.namespace }), ...guard };
    const answer = await this.#client.request({
      action: `write the status of ${resource.name} ${keyOf(seen)}`,
      method: "PATCH",
      path: objectPath(resource, seen, "status"),
      query: { fieldManager: FIELD_MANAGER, force: true },
      patch: "apply",
      body: { apiVersion: resource.apiVersion, kind: resource.kind, metadata, status },
    });
    const written = metaOf(answer, resource);
    if (written.uid === seen.uid) return written.resourceVersion;
    throw new KubeError("CONFLICT", `${resource.name} ${keyOf(seen)} is another object now`, { retryable: true });
  }

  /** Adds the finalizer if it is not there. On a conflict the object is read again. @returns false when the object is gone. */
  async addFinalizer(resource: Resource, seen: Seen, finalizer: string): Promise<boolean> {
    const change = (present: string[]): string[] => (present.includes(finalizer) ? present : [...present, finalizer]);
    return (await unlessNotFound(this.#setFinalizers(resource, seen, change))) === true;
  }

  /** Removes the finalizer. On a conflict the object is read again; that it is gone already is fine. */
  async removeFinalizer(resource: Resource, seen: Seen, finalizer: string): Promise<void> {
    await unlessNotFound(this.#setFinalizers(resource, seen, (present) => present.filter((name) => name !== finalizer)));
  }

  async #setFinalizers(resource: Resource, seen: Seen, change: (present: string[]) => string[]): Promise<true> {
    let current: Seen = seen;
    for (let attempt = 1; ; attempt += 1) {
      const present = current.finalizers ?? [];
      const wanted = change(present);
      if (wanted.length === present.length) return true;
      try {
        await this.#mergePatch(resource, current, { finalizers: wanted });
        return true;
      } catch (error) {
        if (!isKubeError(error, "CONFLICT") || attempt === CONFLICT_RETRIES) throw error;
      }
      current = await this.#readAgain(resource, seen);
    }
  }

  /** The object as it is now. @throws KubeError NOT_FOUND also when the name belongs to another object now. */
  async #readAgain(resource: Resource, seen: Seen): Promise<Seen> {
    const action = `read ${resource.name} ${keyOf(seen)}`;
    const answer = await this.#client.request({ action, method: "GET", path: objectPath(resource, seen) });
    const meta = metaOf(answer, resource);
    if (meta.uid !== seen.uid) throw new KubeError("NOT_FOUND", `failed to ${action}: the name belongs to another object now`, { retryable: true });
    return { ...meta, finalizers: finalizersOf(answer) };
  }

  /** The resourceVersion guards the object, too: it never comes back, so another object of the name is a conflict. */
  async #mergePatch(resource: Resource, seen: Seen, metadata: object): Promise<void> {
    await this.#client.request({
      action: `write the finalizers of ${resource.name} ${keyOf(seen)}`,
      method: "PATCH",
      path: objectPath(resource, seen),
      query: { fieldManager: FIELD_MANAGER },
      patch: "merge",
      body: { metadata: { ...metadata, resourceVersion: seen.resourceVersion } },
    });
  }
}

function metaOf(answer: unknown, resource: Resource): RawMeta {
  const meta = rawMeta(answer);
  if (meta !== undefined) return meta;
  throw new KubeError("UNAVAILABLE", `the API server's answer is no ${resource.kind}`, { retryable: true });
}

function finalizersOf(object: unknown): string[] {
  return listField(field(object, "metadata"), "finalizers").filter((name) => typeof name === "string");
}
