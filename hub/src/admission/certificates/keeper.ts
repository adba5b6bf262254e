import type { Clock } from "@sightline/shared";
import type { Logger } from "@sightline/shared/telemetry";
import type { KubeClient } from "../../kube/client.ts";
import { isKubeError, KubeError, unlessNotFound } from "../../kube/errors.ts";
import { field, textField, textsIn } from "../../kube/raw.ts";
import { collectionPath, keyOf, objectPath, SECRETS } from "../../kube/resources.ts";
import { issueAuthority, issueLeaf } from "./issue.ts";
import { describeMaterial, type KeyedCertificate, type Material, materialIn, secretTexts } from "./material.ts";
import { changesNothing, decideRenewal, type Renewal } from "./renewal.ts";

/** Name of the Secret, in the hub's own namespace. */
const WEBHOOK_SECRET = "sightline-webhook";

/** Of several replicas that renew at once one is heard; the others read what it wrote. */
const TRIES = 5;

export interface CertificateKeeperOptions {
  client: KubeClient;
  /** The hub's own. */
  namespace: string;
  /** Host names by which API servers call the hubs. */
  names: readonly string[];
  clock: Clock;
  logger: Logger;
}

interface Seen {
  material: Partial<Material>;
  /** Undefined: there is no Secret. */
  resourceVersion: string | undefined;
}

/** Keeps the webhook's certificates in a Secret that all replicas share: the first one that finds them missing or old renews them for all. */
export class CertificateKeeper {
  readonly #options: CertificateKeeperOptions;

  constructor(options: CertificateKeeperOptions) {
    this.#options = options;
  }

  /** What is in force now. @throws KubeError */
  async ensure(): Promise<Material> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#ensureOnce();
      } catch (error) {
        // Another replica was faster: what it wrote may be all that is needed.
        if (!isKubeError(error, "CONFLICT", "ALREADY_EXISTS", "NOT_FOUND") || tries === TRIES) throw error;
      }
    }
  }

  async #ensureOnce(): Promise<Material> {
    const { clock, names, logger } = this.#options;
    const seen = await this.#read();
    const { stored, authorities } = describeMaterial(seen.material, names);
    const renewal = decideRenewal(stored, clock.now());
    const { leaf } = seen.material;
    if (leaf !== undefined && changesNothing(renewal, stored)) return { authorities, leaf };
    const material = await this.#renewed(renewal, authorities, leaf);
    await this.#write(material, seen.resourceVersion);
    logger.info("The webhook's certificates were renewed", { new_authority: renewal.newAuthority, new_certificate: renewal.leafBy !== undefined, authorities: material.authorities.length });
    return material;
  }

  async #renewed({ kept, newAuthority, leafBy }: Renewal, before: readonly KeyedCertificate[], leaf: KeyedCertificate | undefined): Promise<Material> {
    const now = this.#options.clock.now();
    const authorities = kept.flatMap((index) => before[index] ?? []);
    if (newAuthority) authorities.push(await issueAuthority(now));
    const signer = authorities[leafBy ?? 0];
    if (leafBy === undefined && leaf !== undefined) return { authorities, leaf };
    if (signer === undefined) throw new KubeError("UNAVAILABLE", "no authority could be made for the webhook's certificate", { retryable: true });
    return { authorities, leaf: await issueLeaf(signer, this.#options.names, now) };
  }

  /** A quorum read. */
  async #read(): Promise<Seen> {
    const name = this.#name();
    const answer = await unlessNotFound(this.#options.client.request({ action: `read secret ${keyOf(name)}`, method: "GET", path: objectPath(SECRETS, name) }));
    if (answer === undefined) return { material: {}, resourceVersion: undefined };
    const data = Object.entries(textsIn(answer, "data")).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")] as const);
    return { material: materialIn(Object.fromEntries(data)), resourceVersion: textField(field(answer, "metadata"), "resourceVersion") };
  }

  /** In place of what was read. @throws KubeError CONFLICT or ALREADY_EXISTS when it is another one now: nothing was written. */
  async #write(material: Material, resourceVersion: string | undefined): Promise<void> {
    const { client } = this.#options;
    const name = this.#name();
    const data = Object.fromEntries(Object.entries(secretTexts(material)).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
    const action = `write secret ${keyOf(name)}`;
    if (resourceVersion === undefined) {
      const body = { apiVersion: SECRETS.apiVersion, kind: SECRETS.kind, type: "kubernetes.io/tls", metadata: name, data };
      await client.request({ action, method: "POST", path: collectionPath(SECRETS, name.namespace), body });
      return;
    }
    await client.request({ action, method: "PATCH", path: objectPath(SECRETS, name), patch: "merge", body: { metadata: { resourceVersion }, data } });
  }

  #name(): { namespace: string; name: string } {
    return { namespace: this.#options.namespace, name: WEBHOOK_SECRET };
  }
}
