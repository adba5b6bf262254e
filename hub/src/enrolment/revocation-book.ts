import { FIELD_MANAGER } from "@sightline/shared/api";
import { compileSchema } from "@sightline/shared/wire";
import type { KubeClient } from "../kube/client.ts";
import { type ConsistencyLevel, WRITE_CONSISTENCY } from "../kube/consistency.ts";
import { isKubeError, KubeError, unlessNotFound } from "../kube/errors.ts";
import { rawMeta } from "../kube/object-cache.ts";
import { textsIn } from "../kube/raw.ts";
import { collectionPath, CONFIG_MAPS, objectPath } from "../kube/resources.ts";
import { type Revocation, type Revocations, withRevocations } from "./revocations.ts";

const LEVEL: ConsistencyLevel = WRITE_CONSISTENCY.revocations;

/** The ConfigMap in the hub's namespace that remembers what is revoked: NATS may lose it, and servers may be down. */
const REVOCATIONS_NAME = "sightline-revocations";
const KEY = "revocations.json";
const ATTEMPTS = 5;

export interface StoredRevocations {
  list: Revocations;
  /** Undefined: nothing is stored yet. */
  version: string | undefined;
}

/** Where the list is kept. Every write is a compare-and-set, and reads are quorum reads. */
export interface RevocationStore {
  read(): Promise<StoredRevocations>;
  /** @throws KubeError CONFLICT, ALREADY_EXISTS or NOT_FOUND when it is another one by now: nothing was written. */
  replace(version: string | undefined, list: Revocations): Promise<StoredRevocations>;
}

/** What is revoked, as this hub knows it. */
export class RevocationBook {
  readonly #store: RevocationStore;
  readonly #nowSeconds: () => number;
  #stored: StoredRevocations | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(store: RevocationStore, nowSeconds: () => number) {
    this.#store = store;
    this.#nowSeconds = nowSeconds;
  }

  /** Undefined before it was read: nothing can be permitted until then. */
  get list(): Revocations | undefined {
    return this.#stored?.list;
  }

  /** Reads what other hubs wrote. */
  async load(): Promise<Revocations> {
    this.#stored = await this.#store.read();
    return this.#stored.list;
  }

  /** Resolves when it is stored for good. One after the other: a fleet that joins at once must not be its own rival. */
  add(more: Revocations): Promise<void> {
    const added = this.#last.then(() => this.#add(more));
    this.#last = added.catch(() => undefined);
    return added;
  }

  async #add(more: Revocations): Promise<void> {
    for (let attempt = 1; more.length > 0; attempt += 1) {
      const { list, version } = this.#stored ?? (await this.#store.read());
      try {
        this.#stored = await this.#store.replace(version, withRevocations(list, more, this.#nowSeconds()));
        return;
      } catch (error) {
        this.#stored = undefined;
        if (!isKubeError(error, "CONFLICT", "ALREADY_EXISTS", "NOT_FOUND") || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Until when (Unix seconds) what was issued to a key is void. */
  voidUntil(key: string): number | undefined {
    return this.#stored?.list.find((one) => one.key === key)?.revokedAt;
  }
}

const validate = compileSchema<Revocation[]>({
  type: "array",
  items: {
    type: "object",
    required: ["key", "cluster", "revokedAt", "until"],
    properties: { key: { type: "string", pattern: "^U[A-Z2-7]{55}$" }, cluster: { type: "string" }, revokedAt: { type: "integer" }, until: { type: "integer" } },
  },
});

export class KubeRevocations implements RevocationStore {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  async read(): Promise<StoredRevocations> {
    const found = await unlessNotFound(this.#client.request({ action: `read configmap ${this.#namespace}/${REVOCATIONS_NAME}`, method: "GET", path: this.#path }));
    return found === undefined ? { list: [], version: undefined } : storedIn(found);
  }

  async replace(version: string | undefined, list: Revocations): Promise<StoredRevocations> {
    const data = { [KEY]: JSON.stringify(list, null, 1) };
    const query = { fieldManager: FIELD_MANAGER };
    const action = `write configmap ${this.#namespace}/${REVOCATIONS_NAME} (${LEVEL})`;
    if (version !== undefined) {
      return storedIn(await this.#client.request({ action, method: "PATCH", path: this.#path, query, patch: "merge", body: { metadata: { resourceVersion: version }, data } }));
    }
    const body = { apiVersion: CONFIG_MAPS.apiVersion, kind: CONFIG_MAPS.kind, metadata: { namespace: this.#namespace, name: REVOCATIONS_NAME }, data };
    return storedIn(await this.#client.request({ action, method: "POST", path: collectionPath(CONFIG_MAPS, this.#namespace), query, body }));
  }

  get #path(): string {
    return objectPath(CONFIG_MAPS, { namespace: this.#namespace, name: REVOCATIONS_NAME });
  }
}

/** @throws KubeError when somebody wrote something else there: what is revoked must not be forgotten by a slip. */
function storedIn(object: unknown): StoredRevocations {
  const meta = rawMeta(object);
  if (meta === undefined) throw new KubeError("UNAVAILABLE", "the API server's answer is no ConfigMap", { retryable: true });
  const text = textsIn(object, "data")[KEY] ?? "[]";
  try {
    return { list: validate(JSON.parse(text), KEY), version: meta.resourceVersion };
  } catch (cause) {
    throw new KubeError("UNAVAILABLE", `ConfigMap ${REVOCATIONS_NAME} holds no list of revocations under ${KEY}; restore it, or delete it if nothing is to be revoked`, { cause, retryable: true });
  }
}
