import { FIELD_MANAGER } from "@sightline/shared/api";
import type { KubeClient } from "./client.ts";
import { isKubeError, KubeError, unlessNotFound } from "./errors.ts";
import { rawMeta } from "./object-cache.ts";
import { field, listField, textField, textsIn } from "./raw.ts";
import { collectionPath, CONFIG_MAPS, keyOf, type ObjectName, objectPath } from "./resources.ts";

type Texts = Record<string, string>;

/** The object that a ConfigMap belongs to and goes away with. */
export interface Owner {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
}

/** A ConfigMap as it should be. */
export interface WantedConfigMap {
  namespace: string;
  name: string;
  labels: Texts;
  /** Labels of ours that it must not have; those of others stay. */
  withoutLabels: readonly string[];
  annotations: Texts;
  owner: Owner;
  data: Texts;
}

/** A ConfigMap as it was read. */
export interface StoredConfigMap {
  namespace: string;
  name: string;
  uid: string;
  resourceVersion: string;
  labels: Texts;
  annotations: Texts;
  ownerUids: string[];
  data: Texts;
}

/** Reads and writes ConfigMaps of ours. All methods throw KubeErrors. */
export class ConfigMaps {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  async get(name: ObjectName): Promise<StoredConfigMap | undefined> {
    const answer = await unlessNotFound(
      this.#client.request({ action: `read configmap ${keyOf(name)}`, method: "GET", path: objectPath(CONFIG_MAPS, name) }),
    );
    return answer === undefined ? undefined : parseConfigMap(answer);
  }

  /** Makes one where there is none. Another ConfigMap that has the name is not touched (ALREADY_EXISTS). */
  async create(wanted: WantedConfigMap): Promise<void> {
    await this.#client.request({
      action: `create configmap ${keyOf(wanted)}`,
      method: "POST",
      path: collectionPath(CONFIG_MAPS, wanted.namespace),
      query: { fieldManager: FIELD_MANAGER },
      body: { ...skeleton(wanted, {}), data: wanted.data },
    });
  }

  /**
   * Makes the ConfigMap of this UID what it should be, keys and labels that are not wanted any more included. Another one
   * that took the name meanwhile is not touched, and none is made; with a version, nor one that was changed since (CONFLICT).
   */
  async apply(wanted: WantedConfigMap, { uid, resourceVersion }: { uid: string; resourceVersion?: string }): Promise<void> {
    const action = `write configmap ${keyOf(wanted)}`;
    try {
      const answer = await this.#client.request({
        action,
        method: "PATCH",
        path: objectPath(CONFIG_MAPS, wanted),
        query: { fieldManager: FIELD_MANAGER, force: true },
        patch: "apply",
        body: { ...skeleton(wanted, { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) }), data: wanted.data },
      });
      await this.#removeSurplus(wanted, uid, answer);
    } catch (error) {
      // "metadata.uid: field is immutable" is the API server's way to say that it is another object.
      if (!isKubeError(error, "INVALID") || !error.message.includes("metadata.uid")) throw error;
      throw new KubeError("CONFLICT", `failed to ${action}: it is another object now`, { cause: error, retryable: true });
    }
  }

  /** Deletes this very ConfigMap. That it is gone already, or another one now, is fine. */
  async delete(stored: Pick<StoredConfigMap, "namespace" | "name" | "uid">): Promise<void> {
    try {
      await this.#client.request({
        action: `delete configmap ${keyOf(stored)}`,
        method: "DELETE",
        path: objectPath(CONFIG_MAPS, stored),
        body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: stored.uid } },
      });
    } catch (error) {
      if (!isKubeError(error, "NOT_FOUND", "CONFLICT")) throw error;
    }
  }

  /** An apply leaves alone the keys that others added, and those that came with the creation. */
  async #removeSurplus(wanted: WantedConfigMap, uid: string, present: unknown): Promise<void> {
    const keys = Object.keys(textsIn(present, "data")).filter((key) => !Object.hasOwn(wanted.data, key));
    const carried = textsIn(field(present, "metadata"), "labels");
    const labels = wanted.withoutLabels.filter((label) => Object.hasOwn(carried, label));
    if (keys.length === 0 && labels.length === 0) return;
    await this.#client.request({
      action: `write configmap ${keyOf(wanted)}`,
      method: "PATCH",
      path: objectPath(CONFIG_MAPS, wanted),
      query: { fieldManager: FIELD_MANAGER },
      patch: "merge",
      body: { metadata: { uid, labels: nothingOf(labels) }, data: nothingOf(keys) },
    });
  }
}

/** A merge patch takes away what is null in it. */
function nothingOf(keys: readonly string[]): Record<string, null> {
  return Object.fromEntries(keys.map((key) => [key, null]));
}

function skeleton({ namespace, name, labels, annotations, owner }: WantedConfigMap, identity: { uid?: string; resourceVersion?: string }): object {
  return {
    apiVersion: CONFIG_MAPS.apiVersion,
    kind: CONFIG_MAPS.kind,
    metadata: { namespace, name, labels, annotations, ...identity, ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] },
  };
}

/** @throws KubeError UNAVAILABLE when the value is no ConfigMap. */
export function parseConfigMap(value: unknown): StoredConfigMap {
  const meta = rawMeta(value);
  if (meta?.namespace === undefined) throw new KubeError("UNAVAILABLE", "the API server's answer is no ConfigMap", { retryable: true });
  const metadata = field(value, "metadata");
  return {
    namespace: meta.namespace,
    name: meta.name,
    uid: meta.uid,
    resourceVersion: meta.resourceVersion,
    labels: textsIn(metadata, "labels"),
    annotations: textsIn(metadata, "annotations"),
    ownerUids: listField(metadata, "ownerReferences").map((owner) => textField(owner, "uid")).filter((uid) => uid !== undefined),
    data: textsIn(value, "data"),
  };
}
