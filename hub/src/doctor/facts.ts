import type { ClusterRegistration, HTTPMonitor } from "@sightline/shared/api";
import type { AccountReport, Drift, HeadReport, ServerReport, StreamReport } from "@sightline/shared/nats";
import type { StoredLease } from "../leadership/lease.ts";
import type { ClockReading } from "./checks/clock.ts";
import type { Looked } from "./finding.ts";

/** One thing that the hub does in its API server. */
export interface Permission {
  verb: string;
  group: string;
  /** With its subresource: `httpmonitors/status`. */
  resource: string;
  /** Undefined: in all namespaces. */
  namespace: string | undefined;
  /** Undefined: of any name. */
  name: string | undefined;
}

/** One webhook of a ValidatingWebhookConfiguration or MutatingWebhookConfiguration that is asked about our kinds. */
export interface Webhook {
  configuration: string;
  name: string;
  failsClosed: boolean;
  /** PEM; empty when the system's authorities are meant. */
  caBundle: string;
  /** `namespace/name`; undefined for one that is reached by URL. */
  service: string | undefined;
  /** Ready addresses of its service; undefined when there is no such service, or it is reached by URL. */
  endpoints: Looked<number | undefined>;
}

/** Objects of one kind, those that cannot be read aside. */
export interface Listed<T> {
  objects: T[];
  unreadable: { name: string; why: string }[];
}

/** The Lease as it was at one moment. */
export interface LeaseReading {
  /** Wall clock of this machine, milliseconds: it was read then, or later. */
  readAt: number;
  /** Undefined: there is none. */
  stored: StoredLease | undefined;
}

/** What the hub's API server shows. */
export interface KubernetesFacts {
  /** Its version, such as `v1.37.2`. */
  server: Looked<string>;
  /** The stored `spec` by name; undefined where there is none. */
  definitions: Looked<ReadonlyMap<string, unknown>>;
  /** What the hub's ServiceAccount may not do of what it needs. */
  denied: Looked<{ asked: number; denied: Permission[] }>;
  lease: Looked<LeaseReading>;
  webhooks: Looked<Webhook[]>;
  registrations: Looked<Listed<ClusterRegistration>>;
  monitors: Looked<Listed<HTTPMonitor>>;
  clock: Looked<ClockReading>;
}

/** What NATS shows to the user whose key was given. */
export interface NatsFacts {
  server: Looked<ServerReport>;
  /** Undefined: JetStream is off. */
  account: Looked<AccountReport | undefined>;
  streams: Looked<StreamReport[]>;
  /** By cluster; undefined where there is none. */
  consumers: Looked<ReadonlyMap<string, Drift[] | undefined>>;
  heads: Looked<HeadReport[]>;
  clock: Looked<ClockReading>;
}

/** What a server's monitoring endpoint says of its JetStream. Bytes. */
export interface NatsServerFacts {
  url: string;
  jetstream: Looked<ServerJetStream>;
}

export interface ServerJetStream {
  /** Most messages in an atomic batch. */
  maxBatch: number;
  /** Milliseconds between two writes to disk; 0: at each message. */
  syncEveryMs: number;
  storage: number;
  memory: number;
  reservedStorage: number;
  maxStorage: number;
  maxMemory: number;
}

/** What a hub or agent says of itself. */
export interface ProcessFacts {
  url: string;
  live: Looked<ProcessHealth>;
  ready: Looked<ProcessHealth>;
  /** Undefined: it does not say. */
  version: Looked<string | undefined>;
  clock: Looked<ClockReading>;
}

export interface ProcessHealth {
  ok: boolean;
  role: string | undefined;
  /** By name, what is missing. */
  missing: Readonly<Record<string, string>>;
  /** By name, what somebody should know of it all the same. */
  warnings?: Readonly<Record<string, string>>;
}

/** Everything that the checks go by. */
export interface Facts {
  /** Wall clock of this machine before the first look, milliseconds: an age is rather said too small than too large. */
  now: number;
  /** Of this command. */
  version: string;
  hubNamespace: string;
  kubernetes: KubernetesFacts;
  nats: NatsFacts;
  natsServers: Looked<NatsServerFacts[]>;
  hubs: Looked<ProcessFacts[]>;
  agents: Looked<ProcessFacts[]>;
  /** What the hub's flags say: they are nowhere to be seen. */
  refreshBudget: number;
  defaultIntervalMs: number;
}
