import { type ClusterRegistration, type ClusterRegistrationStatus, FIELD_MANAGER, parseClusterRegistration } from "@sightline/shared/api";
import type { KubeClient } from "../kube/client.ts";
import { type ConsistencyLevel, WRITE_CONSISTENCY } from "../kube/consistency.ts";
import { unlessNotFound } from "../kube/errors.ts";
import { CLUSTER_REGISTRATIONS, objectPath } from "../kube/resources.ts";

/** The level by which this file writes: every write names what it was decided on, and reads are quorum reads. */
const LEVEL: ConsistencyLevel = WRITE_CONSISTENCY["registration-identity"];

/** Another one than the status's: whoever writes heartbeats by server-side apply must not take the keys away. */
const IDENTITY_MANAGER = `${FIELD_MANAGER}-identity`;

export type IdentityStatus = Pick<ClusterRegistrationStatus, "publicKey" | "connectionKey" | "sealingKey" | "enrolment">;

/** What enrolment reads and writes of registrations. Of two writes from one picture, one gets through. */
export interface RegistrationStore {
  read(cluster: string): Promise<ClusterRegistration | undefined>;
  /** @throws KubeError CONFLICT when the registration is another one than was read: nothing was written. */
  write(registration: ClusterRegistration, identity: IdentityStatus): Promise<ClusterRegistration>;
  /** Sets spec.accepted to false. @throws KubeError CONFLICT likewise. */
  unaccept(registration: ClusterRegistration): Promise<ClusterRegistration>;
}

export class KubeRegistrations implements RegistrationStore {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Without a resourceVersion, so that the API server answers by a quorum read. */
  async read(cluster: string): Promise<ClusterRegistration | undefined> {
    const found = await unlessNotFound(this.#client.request({ action: `read clusterregistration ${cluster}`, method: "GET", path: objectPath(CLUSTER_REGISTRATIONS, { name: cluster }) }));
    return found === undefined ? undefined : parseClusterRegistration(found);
  }

  write({ metadata }: ClusterRegistration, status: IdentityStatus): Promise<ClusterRegistration> {
    return this.#patch(`write the keys of clusterregistration ${metadata.name} (${LEVEL})`, objectPath(CLUSTER_REGISTRATIONS, metadata, "status"), metadata.resourceVersion, { status });
  }

  unaccept({ metadata }: ClusterRegistration): Promise<ClusterRegistration> {
    return this.#patch(`take back the acceptance of clusterregistration ${metadata.name} (${LEVEL})`, objectPath(CLUSTER_REGISTRATIONS, metadata), metadata.resourceVersion, { spec: { accepted: false } });
  }

  async #patch(action: string, path: string, resourceVersion: string, change: object): Promise<ClusterRegistration> {
    const body = { metadata: { resourceVersion }, ...change };
    return parseClusterRegistration(await this.#client.request({ action, method: "PATCH", path, query: { fieldManager: IDENTITY_MANAGER }, patch: "merge", body }));
  }
}
