import { join } from "node:path";
import type { Clock } from "@sightline/shared";
import { type ClusterRegistration, hubUserName, rfc3339 } from "@sightline/shared/api";
import { connectSystem, credsFile, type NatsConnection, serveIdentity } from "@sightline/shared/nats";
import type { Logger } from "@sightline/shared/telemetry";
import type { AuditLog } from "../audit/types.ts";
import type { HubConfig } from "../config.ts";
import type { HubKeys } from "../identity/hub-keys.ts";
import { KEY_FILES } from "../identity/installation.ts";
import { Minter } from "../identity/minting.ts";
import type { KubeClient } from "../kube/client.ts";
import type { EventNote } from "../kube/events.ts";
import { CLUSTER_REGISTRATIONS } from "../kube/resources.ts";
import { KubeRegistrations } from "./registrations.ts";
import { KubeRevocations, RevocationBook } from "./revocation-book.ts";
import { missingRevocations } from "./revocations.ts";
import { Revoker } from "./revoker.ts";
import { IdentityService } from "./service.ts";

export interface EnrolmentOptions {
  config: Pick<HubConfig, "natsServers" | "natsCaFile" | "keysDir" | "leaseNamespace">;
  keys: HubKeys;
  /** Of the hub that leads: it writes while it does, and not a moment longer. */
  client: KubeClient;
  /** What it has of the API server. */
  kubernetes: { registrations: { all(): readonly ClusterRegistration[] } };
  nats: NatsConnection;
  audit: AuditLog;
  clock: Clock;
  random: () => number;
  logger: Logger;
  recordEvent: (note: EventNote) => void;
}

/** The hub's own name in the audit log. */
function hubUser({ leaseNamespace }: EnrolmentOptions["config"]): { name: string; uid: string; groups: string[] } {
  return { name: hubUserName(leaseNamespace), uid: "", groups: [] };
}

/** All that the leading hub does about agents' identities: it lets them in, and shuts them out. */
export class Enrolment {
  readonly #options: EnrolmentOptions;
  readonly #book: RevocationBook;
  readonly #revoker: Revoker;
  readonly #service: IdentityService;
  readonly #endServing: () => void;
  /** By cluster: also of one whose registration goes without a word, its finalizer taken away by hand. */
  readonly #seen = new Map<string, ClusterRegistration>();

  constructor(options: EnrolmentOptions) {
    const { config, keys, client, kubernetes, nats, clock, logger, recordEvent } = options;
    this.#options = options;
    this.#book = new RevocationBook(new KubeRevocations(client, config.leaseNamespace), () => this.#nowSeconds());
    const system = { servers: config.natsServers, credentials: credsFile(join(config.keysDir, KEY_FILES.systemCreds)), name: "sightline-hub-system", ...(config.natsCaFile === undefined ? {} : { caFile: config.natsCaFile }) };
    this.#revoker = new Revoker({ ...options, book: this.#book, connect: () => connectSystem(system) });
    this.#service = new IdentityService({
      ...options,
      registrations: new KubeRegistrations(client),
      known: () => kubernetes.registrations.all(),
      book: this.#book,
      minter: new Minter({ agents: keys.installation.accounts.AGENTS.publicKey, agentsSigningSeed: keys.agentsSigningSeed }),
      onRevoked: () => this.#revoker.nudge(),
      onReplaced: ({ metadata }, { before, now }) => {
        logger.warn("Another agent has taken a cluster's place", { cluster: metadata.name, before, now });
        const message = `An agent with key ${now} has enrolled in place of the one with key ${before}, which is shut out. It runs nothing until spec.accepted is set to true again.`;
        recordEvent({ resource: CLUSTER_REGISTRATIONS, object: metadata, reason: "AgentReplaced", message, at: clock.now(), identity: now });
      },
    });
    this.#endServing = serveIdentity(nats, keys.signing, { clock, answer: (question) => this.#service.answer(question), onDropped: (asker) => this.#service.dropped(asker) });
    this.#revoker.start();
  }

  /** Shuts a cluster's agent out where its registration says so. Resolves when that stands in Kubernetes; servers follow. */
  async shutOut(registration: ClusterRegistration): Promise<void> {
    this.#seen.set(registration.metadata.name, registration);
    const list = this.#book.list ?? (await this.#book.load());
    const missing = missingRevocations(registration, list, this.#nowSeconds());
    if (missing.length === 0) return;
    const { name, uid, deletionTimestamp } = registration.metadata;
    await this.#book.add(missing);
    this.#revoker.nudge();
    const reason = deletionTimestamp === undefined ? "spec.accepted is not true" : "the registration is being deleted";
    await this.#options.audit.record({ operation: "revoke", user: hubUser(this.#options.config), resource: { kind: "ClusterRegistration", name, uid }, clusters: [name], outcome: "Success", reason });
    this.#options.logger.info("A cluster's credentials were revoked", { cluster: name, keys: missing.map(({ key }) => key), reason });
  }

  /** A cluster is gone: what its agent may hold is revoked, if it is not yet. */
  async forget(cluster: string): Promise<void> {
    const last = this.#seen.get(cluster);
    if (last === undefined) return;
    const deletionTimestamp = last.metadata.deletionTimestamp ?? rfc3339(this.#options.clock.now());
    await this.shutOut({ ...last, metadata: { ...last.metadata, deletionTimestamp } });
    this.#seen.delete(cluster);
  }

  /** Says in the audit log that a cluster is let in from here on. */
  async letIn({ metadata: { name, uid } }: ClusterRegistration): Promise<void> {
    await this.#options.audit.record({ operation: "accept", user: hubUser(this.#options.config), resource: { kind: "ClusterRegistration", name, uid }, clusters: [name], outcome: "Success" });
  }

  async stop(): Promise<void> {
    this.#endServing();
    await Promise.all([this.#service.stop(), this.#revoker.stop()]);
  }

  #nowSeconds(): number {
    return Math.floor(this.#options.clock.now() / 1000);
  }
}
