import { canonicalJson } from "@sightline/shared";
import type { KubeClient } from "../kube/client.ts";
import { isKubeError, unlessNotFound } from "../kube/errors.ts";
import { field, listField, textField } from "../kube/raw.ts";
import { collectionPath, objectPath, type Resource } from "../kube/resources.ts";
import { CONFIGURATION_NAME, MUTATING, type Review, VALIDATING, type Webhook, type WebhookAddress, webhooksOf } from "./configuration.ts";

/** Each review with the kind of configuration that registers it. */
const CONFIGURATIONS: readonly { review: Review; resource: Resource }[] = [
  { review: "mutate", resource: MUTATING },
  { review: "validate", resource: VALIDATING },
];

const NAME = { name: CONFIGURATION_NAME };

/** Puts both configurations into the API server, keeps them, and takes them away. Every method throws KubeErrors. */
export class WebhookRegistration {
  readonly #client: KubeClient;
  readonly #address: WebhookAddress;

  constructor(client: KubeClient, address: WebhookAddress) {
    this.#client = client;
    this.#address = address;
  }

  /** Writes what differs from what should be. @returns whether anything was written. */
  async keep(bundle: string): Promise<boolean> {
    const written = await Promise.all(CONFIGURATIONS.map(({ review, resource }) => this.#keepOne(resource, webhooksOf(review, this.#address, bundle))));
    return written.includes(true);
  }

  /** Whether both stand there as they should. */
  async stands(bundle: string): Promise<boolean> {
    const standing = await Promise.all(CONFIGURATIONS.map(async ({ review, resource }) => isAsWanted(await this.#read(resource), webhooksOf(review, this.#address, bundle))));
    return !standing.includes(false);
  }

  async #keepOne(resource: Resource, wanted: readonly Webhook[]): Promise<boolean> {
    const stored = await this.#read(resource);
    if (isAsWanted(stored, wanted)) return false;
    const action = `write ${resource.name} ${CONFIGURATION_NAME}`;
    if (stored === undefined) {
      await this.#client.request({ action, method: "POST", path: collectionPath(resource), body: { apiVersion: resource.apiVersion, kind: resource.kind, metadata: NAME, webhooks: wanted } });
      return true;
    }
    // The whole list: what somebody else put into it would be asked too, or keep us from being asked.
    const body = { metadata: { resourceVersion: textField(field(stored, "metadata"), "resourceVersion") }, webhooks: wanted };
    await this.#client.request({ action, method: "PATCH", path: objectPath(resource, NAME), patch: "merge", body });
    return true;
  }

  #read(resource: Resource): Promise<unknown> {
    return unlessNotFound(this.#client.request({ action: `read ${resource.name} ${CONFIGURATION_NAME}`, method: "GET", path: objectPath(resource, NAME) }));
  }
}

/** Takes both configurations away. @returns the names of those that were there. @throws KubeError */
export async function removeRegistration(client: KubeClient): Promise<string[]> {
  const removed = await Promise.all(
    CONFIGURATIONS.map(async ({ resource }) => {
      try {
        await client.request({ action: `delete ${resource.name} ${CONFIGURATION_NAME}`, method: "DELETE", path: objectPath(resource, NAME) });
        return [`${resource.name} ${CONFIGURATION_NAME}`];
      } catch (error) {
        if (isKubeError(error, "NOT_FOUND")) return [];
        throw error;
      }
    }),
  );
  return removed.flat();
}

/** Whether a stored configuration has these webhooks and no others. */
export function isAsWanted(stored: unknown, wanted: readonly Webhook[]): boolean {
  return canonicalJson(listField(stored, "webhooks")) === canonicalJson(wanted);
}
