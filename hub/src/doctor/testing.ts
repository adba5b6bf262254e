/** Facts of an installation in which nothing is wrong, to break one thing of in tests. */
import { type ClusterRegistration, type Condition, type HTTPMonitor, rfc3339 } from "@sightline/shared/api";
import { DEFINITIONS } from "@sightline/shared/installation";
import { ASSIGNMENT_STREAM } from "@sightline/shared/wire";
import { WEBHOOK_NAMES } from "../admission/configuration.ts";
import { monitor, type MonitorSketch, registration } from "../testing/objects.ts";
import type { Facts, KubernetesFacts, ProcessFacts, ServerJetStream } from "./facts.ts";
import type { Looked } from "./finding.ts";
import type { ClockReading } from "./checks/clock.ts";

export const NOW = Date.parse("2026-01-01T12:00:00Z");

export function seen<T>(value: T): Looked<T> {
  return { seen: true, value };
}

const clock: Looked<ClockReading> = seen({ askedAt: NOW, answeredAt: NOW + 10, theirs: NOW, resolutionMs: 0 });

export function hubFacts(url = "http://hub-0"): ProcessFacts {
  return { url, live: seen({ ok: true, role: undefined, missing: {} }), ready: seen({ ok: true, role: "active", missing: {} }), version: seen("0.1.0"), clock };
}

export const soundServer: ServerJetStream = { maxBatch: 10_000, syncEveryMs: 0, storage: 10, memory: 0, reservedStorage: 50, maxStorage: 100, maxMemory: 100 };

/** Since ten minutes. */
export function condition(type: string, more: Partial<Condition> = {}): Condition {
  return { type, status: "True", reason: "R", message: "", lastTransitionTime: rfc3339(NOW - 600_000), ...more };
}

const cluster: ClusterRegistration["status"] = {
  agentVersion: "0.1.0",
  assignedEpoch: 1,
  assignedGeneration: 3,
  acknowledgedEpoch: 1,
  acknowledgedGeneration: 3,
  synced: "3/3",
  conditions: ["Joined", "Available", "ClockSynced"].map((type) => condition(type)),
};

/** An accepted cluster that reports, with what is said otherwise. */
export function soundCluster(status: ClusterRegistration["status"] = {}, spec: ClusterRegistration["spec"] = {}): ClusterRegistration {
  return registration("eu-1", { spec, status: { ...cluster, ...status } });
}

/** A monitor that is in force, with what is said otherwise. */
export function soundMonitor(sketch: MonitorSketch = {}): HTTPMonitor {
  const status: HTTPMonitor["status"] = { status: "Healthy", conditions: [condition("Ready")] };
  return monitor({ status, ...sketch, metadata: { creationTimestamp: rfc3339(NOW - 600_000), ...sketch.metadata } });
}

function kubernetes(): KubernetesFacts {
  return {
    server: seen("v1.37.2"),
    definitions: seen(new Map(DEFINITIONS.map(({ name, spec }) => [name, structuredClone(spec)]))),
    denied: seen({ asked: 40, denied: [] }),
    lease: seen({ readAt: NOW, stored: { resourceVersion: "1", holder: "hub-0", durationMs: 12_000, renewTime: rfc3339(NOW - 4000), acquireTime: rfc3339(NOW - 60_000), transitions: 0 } }),
    webhooks: seen([
      { configuration: "theirs", name: "a.example.com", failsClosed: false, caBundle: "", service: "default/ours", endpoints: seen(1) },
      ...WEBHOOK_NAMES.map((name) => ({ configuration: "sightline", name: name.slice("sightline/".length), failsClosed: true, caBundle: "", service: "sightline-system/sightline-hub", endpoints: seen(2) })),
    ]),
    registrations: seen({ objects: [soundCluster()], unreadable: [] }),
    monitors: seen({ objects: [soundMonitor()], unreadable: [] }),
    clock,
  };
}

/** Made anew at each call. */
export function soundFacts(): Facts {
  const stream = { name: ASSIGNMENT_STREAM, exists: true, drift: [], replicas: 3, led: true, bytes: 10, saidAt: NOW };
  const peers = ["nats-1", "nats-2"].map((name) => ({ name, offline: false, current: true }));
  return {
    now: NOW,
    version: "0.1.0",
    hubNamespace: "sightline-system",
    kubernetes: kubernetes(),
    nats: {
      server: seen({ name: "nats-0", version: "2.15.2", tls: true }),
      account: seen({ storage: 10, memory: 0, maxStorage: -1, maxMemory: -1 }),
      streams: seen([{ ...stream, peers }]),
      consumers: seen(new Map([["eu-1", []]])),
      heads: seen([{ cluster: "eu-1", position: { epoch: 1, generation: 3 }, storedAt: NOW - 600_000 }]),
      clock,
    },
    natsServers: seen([{ url: "http://nats-0:8222", jetstream: seen(soundServer) }]),
    hubs: seen([hubFacts()]),
    agents: seen([{ ...hubFacts("http://agent"), ready: seen({ ok: true, role: undefined, missing: {} }) }]),
    refreshBudget: 50,
    defaultIntervalMs: 30_000,
  };
}
