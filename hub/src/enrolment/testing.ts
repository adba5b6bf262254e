import type { ClusterRegistration } from "@sightline/shared/api";
import { newSealingKey, newSigningKey, type SigningKey } from "@sightline/shared/identity";
import type { IdentityQuestion, SignerRole } from "@sightline/shared/nats";
import { encodeEnrolRequest, encodeRenewRequest, type EnrolRequest, type RenewRequest } from "@sightline/shared/wire";
import { KubeError } from "../kube/errors.ts";
import type { IdentityStatus, RegistrationStore } from "./registrations.ts";
import type { RevocationStore, StoredRevocations } from "./revocation-book.ts";
import type { Revocations } from "./revocations.ts";

/** Registrations in memory, with the compare-and-set of an API server. */
export class MemoryRegistrations implements RegistrationStore {
  readonly objects = new Map<string, ClusterRegistration>();
  /** Called before each write: another writer may come between. */
  between: () => void = () => undefined;

  async read(cluster: string): Promise<ClusterRegistration | undefined> {
    return structuredClone(this.objects.get(cluster));
  }

  async write(registration: ClusterRegistration, { enrolment, ...keys }: IdentityStatus): Promise<ClusterRegistration> {
    return this.change(registration, (found) => ({ ...found, status: { ...found.status, ...keys, enrolment: { ...found.status?.enrolment, ...enrolment } } }));
  }

  async unaccept(registration: ClusterRegistration): Promise<ClusterRegistration> {
    return this.change(registration, (found) => ({ ...found, spec: { ...found.spec, accepted: false } }));
  }

  /** As a user does. */
  accept(cluster: string, accepted = true): void {
    const found = this.objects.get(cluster);
    if (found !== undefined) this.change(found, (before) => ({ ...before, spec: { ...before.spec, accepted } }), false);
  }

  private change({ metadata }: ClusterRegistration, change: (found: ClusterRegistration) => ClusterRegistration, interrupted = true): ClusterRegistration {
    if (interrupted) this.between();
    const found = this.objects.get(metadata.name);
    if (found?.metadata.resourceVersion !== metadata.resourceVersion) throw new KubeError("CONFLICT", "it is another one now", { retryable: true });
    const changed = change(structuredClone(found));
    changed.metadata.resourceVersion = String(Number(found.metadata.resourceVersion) + 1);
    this.objects.set(metadata.name, changed);
    return structuredClone(changed);
  }
}

/** The list in memory, likewise. */
export class MemoryRevocations implements RevocationStore {
  stored: StoredRevocations = { list: [], version: undefined };

  async read(): Promise<StoredRevocations> {
    return this.stored;
  }

  async replace(version: string | undefined, list: Revocations): Promise<StoredRevocations> {
    if (version !== this.stored.version) throw new KubeError("CONFLICT", "it is another one now", { retryable: true });
    this.stored = { list, version: String(Number(version ?? 0) + 1) };
    return this.stored;
  }
}

/** An agent that has made its keys. */
export class TestAgent {
  readonly key: SigningKey;
  readonly connection: SigningKey;
  readonly sealingKey: string;
  #nonces = 0;

  /** Given: keys that are another one's. */
  constructor({ agent = newSigningKey("agent").key, connection = newSigningKey("agent").key, sealingKey = newSealingKey().key.publicKey }: { agent?: SigningKey; connection?: SigningKey; sealingKey?: string } = {}) {
    this.key = agent;
    this.connection = connection;
    this.sealingKey = sealingKey;
  }

  enrolRequest(token: string): EnrolRequest {
    return { token, agentKey: this.key.publicKey, connectionKey: this.connection.publicKey, sealingKey: this.sealingKey, ...this.#facts() };
  }

  renewRequest(): RenewRequest {
    return { agentKey: this.key.publicKey, ...this.#facts() };
  }

  /** As it comes to the hub. `said`: the cluster that the message speaks of. */
  enrol(cluster: string, token: { jwt: string; key: SigningKey }, said = cluster): IdentityQuestion {
    return question("enrol", cluster, encodeEnrolRequest(said, this.enrolRequest(token.jwt)), { agent: this.key, connection: this.connection, token: token.key });
  }

  renew(cluster: string, said = cluster, signer = this.key): IdentityQuestion {
    return question("renew", cluster, encodeRenewRequest(said, this.renewRequest()), { agent: signer });
  }

  #facts(): { nonce: string; agentVersion: string; sentAt: number } {
    this.#nonces += 1;
    return { nonce: String(this.#nonces).padStart(22, "0"), agentVersion: "0.1.0", sentAt: 0 };
  }
}

function question(verb: "enrol" | "renew", cluster: string, payload: Uint8Array, signers: Partial<Record<SignerRole, SigningKey>>): IdentityQuestion {
  return { verb, cluster, payload, isSignedBy: (publicKey, as) => signers[as]?.publicKey === publicKey };
}
