import { rfc3339 } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import type { MonitorSketch } from "../testing/objects.ts";
import { examine, type Report } from "./examine.ts";
import type { Facts, Permission, Webhook } from "./facts.ts";
import { CHECKS, type Finding, type Looked } from "./finding.ts";
import { condition, hubFacts, NOW, seen, soundCluster, soundFacts, soundMonitor, soundServer } from "./testing.ts";

const refused: Looked<never> = { seen: false, why: "it was refused", tried: true };

type Change = (facts: Facts) => void;
type Case = [what: string, change: Change, state: Finding["state"], check: Finding["check"], sentence: RegExp];

function reportAfter(change: Change): Report {
  const facts = soundFacts();
  change(facts);
  return examine(facts);
}

/** Runs the checks after one change; all that is not ok. */
function afterwards(change: Change): Finding[] {
  return reportAfter(change).findings.filter(({ state }) => state !== "ok");
}

function codeAfter(change: Change): number {
  return reportAfter(change).exitCode;
}

function kube(change: Partial<Facts["kubernetes"]>): Change {
  return (facts) => Object.assign(facts.kubernetes, change);
}

function nats(change: Partial<Facts["nats"]>): Change {
  return (facts) => Object.assign(facts.nats, change);
}

function clusters(...objects: Parameters<typeof soundCluster>[]): Change {
  return kube({ registrations: seen({ objects: objects.map((object) => soundCluster(...object)), unreadable: [] }) });
}

function monitors(...sketches: MonitorSketch[]): Change {
  return kube({ monitors: seen({ objects: sketches.map((sketch) => soundMonitor(sketch)), unreadable: [] }) });
}

function lease(change: object): Change {
  return ({ kubernetes }) => {
    if (kubernetes.lease.seen) Object.assign(kubernetes.lease.value.stored ?? {}, change);
  };
}

function ourWebhook(change: Partial<Webhook>): Change {
  return ({ kubernetes }) => {
    if (kubernetes.webhooks.seen) Object.assign(kubernetes.webhooks.value[1] ?? {}, change);
  };
}

function webhook(change: Partial<Webhook>): Change {
  return ({ kubernetes }) => {
    if (kubernetes.webhooks.seen) Object.assign(kubernetes.webhooks.value[0] ?? {}, change);
  };
}

function stream(change: object): Change {
  return (facts) => {
    if (facts.nats.streams.seen) Object.assign(facts.nats.streams.value[0] ?? {}, change);
  };
}

function server(change: Partial<typeof soundServer>): Change {
  return (facts) => (facts.natsServers = seen([{ url: "http://nats-0:8222", jetstream: seen({ ...soundServer, ...change }) }]));
}

/** Of a clock that is so much ahead of this machine's. Milliseconds. */
function theirs(aheadMs: number): Facts["kubernetes"]["clock"] {
  return seen({ askedAt: NOW, answeredAt: NOW, theirs: NOW + aheadMs, resolutionMs: 0 });
}

function hub(change: object): Change {
  return (facts) => (facts.hubs = seen([{ ...hubFacts(), ...change }]));
}

const list: Permission = { verb: "list", group: "", resource: "configmaps", namespace: undefined, name: undefined };
const noLease = seen({ readAt: NOW, stored: undefined });
const behind = { acknowledgedGeneration: 2, synced: "2/3" };

const CASES: Case[] = [
  ["an API server that is too old", kube({ server: seen("v1.29.9") }), "failed", "kubernetes.reachable", /^the API server is v1\.29\.9$/],
  ["an unreachable API server", kube({ server: refused }), "failed", "kubernetes.reachable", /^it was refused$/],
  ["a version of another maker", kube({ server: seen("v1.33.4+k3s1") }), "ok", "kubernetes.reachable", /v1\.33\.4\+k3s1 answers/],
  ["rights that the hub lacks", kube({ denied: seen({ asked: 40, denied: [list, { ...list, verb: "watch" }] }) }), "failed", "kubernetes.permissions", /^the hub may not list, watch configmaps$/],
  ["the rights that may be left out", kube({ denied: seen({ asked: 40, denied: [{ ...list, resource: "secrets" }, { ...list, verb: "get", resource: "secrets" }] }) }), "warning", "kubernetes.permissions", /^the hub may not list, get secrets: orphaned Secrets are not looked for, headers of monitors are not taken from Secrets$/],
  ["rights that may not be asked for", kube({ denied: refused }), "not checked", "kubernetes.permissions", /refused/],
  ["no lease", kube({ lease: noLease }), "failed", "kubernetes.lease", /no hub has ever led/],
  ["a lease that nobody holds", lease({ holder: "" }), "failed", "kubernetes.lease", /nobody holds/],
  ["a lease within its time", lease({ renewTime: rfc3339(NOW - 15_000) }), "ok", "kubernetes.lease", /renewed 15s ago/],
  ["a lease that ran out", lease({ renewTime: rfc3339(NOW - 16_000) }), "failed", "kubernetes.lease", /renewed it last 16s ago: no hub leads/],
  ["a lease within its time when it was read, before looks that took long", (facts) => (facts.now += 60_000), "ok", "kubernetes.lease", /renewed 4s ago/],
  ["a lease within its time, on a machine whose clock is fast", (facts) => { lease({ renewTime: rfc3339(NOW - 24_000) })(facts); facts.kubernetes.clock = theirs(-20_000); }, "ok", "kubernetes.lease", /renewed 4s ago/],
  ["a lease that ran out, on a machine whose clock is slow", (facts) => { lease({ renewTime: rfc3339(NOW + 4000) })(facts); facts.kubernetes.clock = theirs(20_000); }, "failed", "kubernetes.lease", /renewed it last 16s ago/],
  ["a lease of no time", lease({ renewTime: "" }), "failed", "kubernetes.lease", /at a time that cannot be read/],
  ["no webhook", kube({ webhooks: seen([]) }), "warning", "kubernetes.webhooks", /^not registered, so changes are stored without a review, and not placed unless a hub has --place-unreviewed: sightline\/mutate\.httpmonitors/],
  ["the hubs' webhook that fails open", ourWebhook({ failsClosed: false }), "failed", "kubernetes.webhooks", /^it fails open: changes are stored without a review/],
  ["the hubs' webhook without a hub", ourWebhook({ endpoints: seen(0) }), "failed", "kubernetes.webhooks", /no ready endpoint: it fails closed/],
  ["the hubs' webhook by URL", ourWebhook({ service: undefined, endpoints: { seen: false, why: "it is reached by a URL", tried: false } }), "ok", "kubernetes.webhooks", /hubs.ready says/],
  ["a webhook whose service is gone, failing open", webhook({ endpoints: seen(undefined) }), "warning", "kubernetes.webhooks", /service default\/ours does not exist: it fails open/],
  ["the same, failing closed", webhook({ endpoints: seen(undefined), failsClosed: true }), "failed", "kubernetes.webhooks", /does not exist: it fails closed/],
  ["a webhook without endpoints", webhook({ endpoints: seen(0), failsClosed: true }), "failed", "kubernetes.webhooks", /no ready endpoint/],
  ["a webhook with a CA that is none", webhook({ caBundle: "x", failsClosed: true }), "failed", "kubernetes.webhooks", /CA bundle/],
  ["a sound webhook that fails closed", webhook({ failsClosed: true }), "warning", "kubernetes.webhooks", /fails closed: while it is away/],
  ["a webhook by URL", webhook({ endpoints: { seen: false, why: "it is reached by a URL", tried: false } }), "not checked", "kubernetes.webhooks", /by a URL/],

  ["no cluster", clusters(), "warning", "clusters.accepted", /no cluster is registered/],
  ["a cluster that is not accepted", clusters([], [{}, { accepted: false }]), "warning", "clusters.accepted", /^1 cluster not accepted: eu-1$/],
  ["a cluster that never reported", clusters([{ conditions: [condition("Joined", { status: "False" })] }]), "warning", "clusters.reporting", /never reported/],
  ["a silent cluster", clusters([{ lastHeartbeatTime: "then", conditions: [condition("Joined"), condition("Available", { status: "Unknown" })] }]), "failed", "clusters.reporting", /^silent, last heard at then$/],
  ["agents that were heard", clusters([{ lastHeartbeatTime: rfc3339(NOW - 5000) }], [{ lastHeartbeatTime: rfc3339(NOW - 20_000) }]), "ok", "clusters.reporting", /^the agents of 2 clusters report; eu-1 was last heard 20s ago, by a status that may be a minute old$/],
  ["an agent that takes no assignment", clusters([behind]), "failed", "clusters.synced", /acknowledged 2\/3, of what was assigned 10m0s ago/],
  ["an agent of an older epoch", clusters([{ assignedEpoch: 2 }]), "failed", "clusters.synced", /acknowledged/],
  ["an agent ahead of a restored hub", clusters([{ acknowledgedEpoch: 2, acknowledgedGeneration: 1 }]), "ok", "clusters.synced", /holds/],
  ["a head that is none", nats({ heads: seen([{ cluster: "eu-1", position: undefined, unreadable: "it is no JSON", storedAt: NOW }]) }), "failed", "clusters.synced", /cannot be read: it is no JSON/],
  ["a clock that is off", clusters([{ conditions: [condition("Joined"), condition("Available"), condition("ClockSynced", { status: "False", message: "10s ahead" })] }]), "warning", "clusters.clock", /10s ahead/],
  ["an agent one minor version back", clusters([{ agentVersion: "0.0.9" }]), "ok", "clusters.version", /within one/],
  ["an agent of another age", clusters([{ agentVersion: "0.3.0" }]), "failed", "clusters.version", /0\.3\.0, this is 0\.1\.0/],
  ["an agent of a strange version", clusters([{ agentVersion: "dev" }]), "warning", "clusters.version", /cannot be read: dev/],

  ["an object that cannot be read", kube({ monitors: seen({ objects: [], unreadable: [{ name: "HTTPMonitor a", why: "url is missing" }] }) }), "failed", "monitors.readable", /^1 object cannot be read: HTTPMonitor a; url is missing$/],
  ["a monitor that nobody looked at", monitors({ status: undefined }), "failed", "monitors.verdicts", /1 monitor older than 1m0s without a status: shop\/front/],
  ["one that was made just now", monitors({ status: undefined, metadata: { creationTimestamp: rfc3339(NOW - 30_000) } }), "ok", "monitors.verdicts", /1 no status/],
  ["a monitor that is not in force", monitors({ status: { status: "Unknown", conditions: [condition("Ready", { status: "False", reason: "NoClusterMatched", message: "why" })] } }), "warning", "monitors.ready", /^1 monitor not in force .* why \(shop\/front\)$/],
  ["the same since a moment", monitors({ status: { status: "Unknown", conditions: [condition("Ready", { status: "False", lastTransitionTime: rfc3339(NOW) })] } }), "ok", "monitors.ready", /or young/],
  ["more monitors than the budget", (facts) => { facts.refreshBudget = 1; monitors(...Array.from({ length: 31 }, () => ({})))(facts); }, "warning", "monitors.refresh", /one refresh of each in 31s, and 31 of them are probed more often/],
  ["as many as the budget", (facts) => { facts.refreshBudget = 1; monitors(...Array.from({ length: 30 }, () => ({})))(facts); }, "ok", "monitors.refresh", /one refresh of each in 30s, and none is probed more often$/],
  ["no monitor", monitors(), "ok", "monitors.refresh", /^there is no monitor$/],
  ["a few monitors", monitors({}, {}, {}), "ok", "monitors.refresh", /^3 monitors at 50 refreshes a second: the budget allows one refresh of each in 60ms/],

  ["an unreachable NATS", nats({ server: { ...refused, why: "Authorization Violation" } }), "failed", "nats.reachable", /Authorization Violation/],
  ["NATS without TLS", nats({ server: seen({ name: "n", version: "2.15.2", tls: false }) }), "warning", "nats.reachable", /without TLS/],
  ["an old nats-server", nats({ server: seen({ name: "n", version: "2.14.4", tls: true }) }), "warning", "nats.version", /2\.14\.4/],
  ["a key that may not look", nats({ account: { ...refused, why: 'Permissions Violation for Subscription to "_INBOX.x"' } }), "failed", "nats.jetstream", /^Permissions Violation/],
  ["a key that may not look at streams", nats({ streams: { ...refused, why: 'Permissions Violation for Publish to "$JS.API.STREAM.INFO.heartbeats"' } }), "failed", "nats.streams", /^Permissions Violation/],
  ["an account without JetStream", nats({ account: seen(undefined) }), "failed", "nats.jetstream", /is off/],
  ["an account that is nearly full", nats({ account: seen({ storage: 900, memory: 0, maxStorage: 1000, maxMemory: -1 }) }), "warning", "nats.jetstream", /900 B of its 1000 B/],
  ["a stream that is gone", stream({ exists: false, replicas: 0 }), "failed", "nats.streams", /not there/],
  ["a stream that was changed", stream({ drift: [{ field: "max_age", have: 5, want: 0 }] }), "failed", "nats.streams", /^max_age is 5, not 0$/],
  ["a stream without a leader", stream({ led: false }), "failed", "nats.streams", /nobody leads/],
  ["streams of one replica", stream({ replicas: 1, peers: [] }), "warning", "nats.replicas", /1 stream of R1/],
  ["a peer that is away", stream({ peers: [{ name: "nats-1", offline: true, current: false }, { name: "nats-2", offline: false, current: false }] }), "failed", "nats.replicas", /^nats-1 is away, nats-2 is behind$/],
  ["a replica without a server", stream({ peers: [{ name: "nats-1", offline: false, current: true }] }), "failed", "nats.replicas", /1 replica without a server/],
  ["no consumer", nats({ consumers: seen(new Map([["eu-1", undefined]])) }), "failed", "nats.consumers", /no consumer/],
  ["a consumer that was changed", nats({ consumers: seen(new Map([["eu-1", [{ field: "max_deliver", have: undefined, want: -1 }]]])) }), "failed", "nats.consumers", /max_deliver is absent, not -1/],
  ["a small batch", server({ maxBatch: 1000 }), "warning", "nats.batch", /1000 messages, so a monitor may run in 500 clusters/],
  ["messages that are written late", server({ syncEveryMs: 120_000 }), "warning", "nats.sync", /sync_interval is 2m0s/],
  ["a disk that fills", server({ storage: 81 }), "warning", "nats.storage", /81 B of 100 B/],
  ["a disk that is full", server({ storage: 96 }), "failed", "nats.storage", /96 B of 100 B/],
  ["memory that is full", server({ memory: 96 }), "failed", "nats.storage", /96 B of 100 B of memory/],
  ["streams larger than the disk", server({ reservedStorage: 101 }), "warning", "nats.storage", /may grow beyond/],
  ["a silent monitoring endpoint", (facts) => (facts.natsServers = seen([{ url: "u", jetstream: refused }])), "not checked", "nats.batch", /refused/],

  ["another clock", (facts) => (facts.kubernetes.clock = seen({ askedAt: NOW, answeredAt: NOW, theirs: NOW + 5000, resolutionMs: 1000 })), "warning", "clock.offset", /5s ahead/],

  ["a hub that does not answer", hub({ ready: refused }), "failed", "hubs.ready", /^it was refused$/],
  ["a hub that waits", hub({ ready: seen({ ok: false, role: "active", missing: { nats: "not connected" } }) }), "failed", "hubs.ready", /not ready: nats: not connected/],
  ["a hub that warns", hub({ ready: seen({ ok: true, role: "active", missing: {}, warnings: { webhook: "nothing is reviewed" } }) }), "warning", "hubs.ready", /^ready, active, but: webhook: nothing is reviewed$/],
  ["a hub that is dead", hub({ live: seen({ ok: false, role: undefined, missing: {} }) }), "failed", "hubs.ready", /not alive/],
  ["hubs of which none leads", hub({ ready: seen({ ok: true, role: "standby", missing: {} }) }), "warning", "hubs.ready", /none of the hubs that answer leads/],
  ["two hubs that lead", (facts) => (facts.hubs = seen([hubFacts("a"), hubFacts("b")])), "failed", "hubs.ready", /2 hubs say that they lead: a, b/],
  ["an older hub", hub({ version: seen("0.0.5") }), "warning", "processes.version", /it is 0\.0\.5, this is 0\.1\.0/],
  ["a hub of another age", hub({ version: seen("1.1.0") }), "failed", "processes.version", /1\.1\.0/],
  ["a hub that does not say", hub({ version: seen(undefined) }), "not checked", "processes.version", /does not say/],
];

describe("the checks of doctor", () => {
  it("are all ok of an installation in which nothing is wrong, each with its own finding", () => {
    const { exitCode, findings } = examine(soundFacts());
    expect(findings.filter(({ state }) => state !== "ok")).toEqual([]);
    expect([exitCode, [...new Set(findings.map(({ check }) => check))].toSorted()]).toEqual([0, Object.keys(CHECKS).toSorted()]);
  });

  it.each(CASES)("say of %s what it is", (...[, change, state, check, sentence]) => {
    const found = reportAfter(change).findings.filter((finding) => finding.check === check && finding.state === state);
    expect(found.map(({ message }) => message)).toContainEqual(expect.stringMatching(sentence));
    const others = afterwards(change).filter((finding) => finding.check !== check);
    expect(others.filter(({ state: other }) => other === "failed")).toEqual([]);
  });

  it("never take for ok what could not be looked at", () => {
    const unseen = { seen: false, why: "no access", tried: true } as const;
    const facts = soundFacts();
    for (const part of [facts.kubernetes, facts.nats]) for (const name of Object.keys(part)) Reflect.set(part, name, unseen);
    const { exitCode, findings } = examine({ ...facts, natsServers: unseen, hubs: unseen, agents: unseen });
    expect(findings.filter(({ state }) => state === "ok" || state === "warning")).toEqual([]);
    expect(findings.filter(({ state }) => state === "failed").map(({ check }) => check)).toEqual(["kubernetes.reachable", "nats.reachable"]);
    expect([exitCode, new Set(findings.map(({ check }) => check)).size]).toEqual([2, Object.keys(CHECKS).length]);
  });

  it("end with 1 when something failed, and with 0 for warnings", () => {
    expect([codeAfter(kube({ lease: noLease })), codeAfter(clusters())]).toEqual([1, 0]);
  });

  it("do not blame an agent for what was assigned a moment ago, and say when that cannot be known", () => {
    const young = seen([{ cluster: "eu-1", position: { epoch: 1, generation: 3 }, storedAt: NOW - 60_000 }]);
    expect(afterwards((facts) => { clusters([behind])(facts); nats({ heads: young })(facts); })).toEqual([]);
    const blind = afterwards((facts) => { clusters([behind])(facts); nats({ heads: refused })(facts); });
    expect(blind).toMatchObject([{ state: "not checked", check: "clusters.synced", where: "eu-1", message: expect.stringContaining("only known by looking at NATS") as unknown }]);
  });
});
