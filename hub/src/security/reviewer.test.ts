import { AUTHORIZED_BY_ANNOTATION, type HTTPMonitor, PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { newSigningKey } from "@sightline/shared/identity";
import { ManualClock } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import type { AdmissionRequest, AdmissionVerdict } from "../admission/types.ts";
import { RecordingAuditLog } from "../audit/testing.ts";
import { KubeError } from "../kube/errors.ts";
import { CHECK_DEFAULTS } from "../monitors/check.ts";
import { textsIn } from "../kube/raw.ts";
import { AnsweringClient } from "../testing/answering-client.ts";
import { FixedLister } from "../testing/fixed-lister.ts";
import { monitor, type MonitorSketch, namespace, policy, registration, uidOf } from "../testing/objects.ts";
import type { User } from "./authenticate.ts";
import { rightsUnknown } from "./errors.ts";
import { judgeRecord, MAX_IDENTITY } from "./record.ts";
import { MonitorReviewer } from "./reviewer.ts";
import type { Usable } from "./usable.ts";

const jane: User = { name: "jane", uid: "u-1", groups: ["shop"], extra: {} };
const HUB = "system:serviceaccount:sightline-system:http-monitor-operator";
const signal = new AbortController().signal;

type Sent = AdmissionRequest & { object: HTTPMonitor };

class World {
  readonly clock = new ManualClock();
  readonly audit = new RecordingAuditLog();
  readonly key = newSigningKey("hub").key;
  readonly registrations = new FixedLister([registration("eu-1"), registration("eu-2"), registration("us-1")]);
  readonly namespaces = new FixedLister([namespace({ tenant: "a" })]);
  readonly monitors = new FixedLister<HTTPMonitor>();
  readonly policies = new FixedLister<ReturnType<typeof policy>>();
  readonly asked: string[][] = [];
  /** What every user may use. */
  usable: Usable | Error = "all";
  readonly reviewer = new MonitorReviewer({
    clock: this.clock,
    audit: this.audit,
    key: this.key,
    registrations: this.registrations,
    namespaces: this.namespaces,
    monitors: this.monitors,
    policies: this.policies,
    client: new AnsweringClient(() => {
      throw new KubeError("NOT_FOUND", "no such namespace");
    }),
    rights: {
      usable: async (_user, clusters) => {
        this.asked.push([...clusters]);
        if (this.usable instanceof Error) throw this.usable;
        const { usable } = this;
        return usable === "all" ? usable : new Set(clusters.filter((cluster) => usable.has(cluster)));
      },
    },
    publicKeys: [this.key.publicKey],
    defaults: CHECK_DEFAULTS,
    hubUser: HUB,
  });

  async mutate(request: AdmissionRequest): Promise<AdmissionVerdict> {
    return await this.reviewer.mutate(request, signal);
  }

  /** Both webhooks, with the object patched in between as the API server does it. */
  async admit(request: Sent): Promise<AdmissionVerdict> {
    const first = await this.mutate(request);
    return first.allowed ? await this.reviewer.validate({ ...request, object: patched(request.object, first) }, signal) : first;
  }

  /** The monitor as it is stored when the request has been admitted. */
  async stored(request: Sent): Promise<HTTPMonitor> {
    const object = patched(request.object, await this.mutate(request));
    return { ...object, metadata: { ...object.metadata, uid: uidOf(1), creationTimestamp: new Date(this.clock.now()).toISOString() } };
  }
}

let world: World;

beforeEach(() => {
  world = new World();
});

/** A monitor that somebody makes. */
function made(sketch: MonitorSketch = {}, change: Partial<Sent> = {}): Sent {
  const object = monitor(sketch);
  return { uid: "r-1", kind: "HTTPMonitor", operation: "CREATE", namespace: "shop", name: "front", user: jane, object: { ...object, metadata: { ...object.metadata, uid: "", resourceVersion: "" } }, oldObject: undefined, dryRun: false, ...change };
}

/** A monitor that somebody changes. */
function changed(before: HTTPMonitor, sketch: MonitorSketch, change: Partial<Sent> = {}): Sent {
  const object = { ...before, metadata: { ...before.metadata, ...sketch.metadata }, spec: { ...before.spec, ...sketch.spec } };
  return { ...made({}, change), operation: "UPDATE", object, oldObject: before };
}

function patched(object: HTTPMonitor, verdict: AdmissionVerdict): HTTPMonitor {
  const result = structuredClone(object);
  for (const step of (verdict.allowed ? verdict.patch : undefined) ?? []) {
    if (step.op === "remove") continue;
    if (step.path === "/metadata/annotations") result.metadata.annotations = textsIn(step, "value");
    else result.metadata.annotations = { ...result.metadata.annotations, [step.path.slice("/metadata/annotations/".length).replaceAll("~1", "/")]: String(step.value) };
  }
  return result;
}

const placed = (annotation: string, text: string): MonitorSketch => ({ metadata: { annotations: { [annotation]: text } } });

describe("the review of a monitor", () => {
  it("unauthenticated, unauthorised, policy-violating, permitted: four audit outcomes", async () => {
    const refused = await world.admit(made({}, { user: { ...jane, name: "" } }));
    world.usable = new Set();
    const forbidden = await world.admit(made());
    world.usable = "all";
    world.policies.set(policy("hosts", { allow: { hosts: ["other.example.com"] } }));
    const violating = await world.admit(made());
    world.policies.delete("hosts");
    const permitted = await world.admit(made());
    expect([refused, forbidden, violating, permitted]).toEqual([
      { allowed: false, code: 401, reason: "authentication failed: the API server names no user" },
      { allowed: false, code: 403, reason: "authorization failed: jane may not use any cluster that the placement selects, such as eu-1, eu-2, us-1 (verb use on clusterregistrations.monitoring.example.com)" },
      { allowed: false, code: 422, reason: "security policy violation: MonitorPolicy hosts (allow.hosts): the host shop.example.com is not among other.example.com" },
      { allowed: true },
    ]);
    expect(world.audit.entries.map(({ outcome, rule, reason }) => [outcome, rule, reason?.split(":")[0]])).toEqual([
      ["Unauthorized", undefined, "authentication failed"],
      ["Forbidden", "use", "authorization failed"],
      ["PolicyViolation", "MonitorPolicy hosts allow.hosts", "security policy violation"],
      ["Success", undefined, undefined],
    ]);
    expect(world.audit.entries[3]).toEqual({
      operation: "create",
      user: { name: "jane", uid: "u-1", groups: ["shop"] },
      resource: { kind: "HTTPMonitor", namespace: "shop", name: "front" },
      clusters: ["eu-1", "eu-2", "us-1"],
      outcome: "Success",
      requestId: "r-1",
      dryRun: false,
    });
  });

  it("writes a record that holds for what is stored", async () => {
    const stored = await world.stored(made());
    expect(judgeRecord(stored, [world.key.publicKey])).toMatchObject({ kind: "valid", record: { user: "jane" } });
    const generated = made({ metadata: { name: "" } });
    const generate: object = { generateName: "front-" };
    const prefixed = await world.stored({ ...generated, name: "", object: { ...generated.object, metadata: { ...generated.object.metadata, ...generate } } });
    expect(judgeRecord({ ...prefixed, metadata: { ...prefixed.metadata, name: "front-x7k2p" } }, [world.key.publicKey]).kind).toBe("valid");
  });

  it("binds a change to the monitor's UID", async () => {
    const before = await world.stored(made());
    const verdict = await world.mutate(changed(before, { spec: { interval: "1m" } }, { user: { ...jane, name: "joe" } }));
    expect(judgeRecord(patched(changed(before, { spec: { interval: "1m" } }).object, verdict), [world.key.publicKey])).toMatchObject({ kind: "valid", record: { user: "joe", monitorUid: uidOf(1) } });
    expect(world.audit.entries.at(-1)).toMatchObject({ operation: "update", user: { name: "joe" }, resource: { uid: uidOf(1) } });
  });

  it("refuses a named cluster that the author may not use, registered or not, and leaves others out with a warning", async () => {
    world.usable = new Set(["us-1"]);
    expect(await world.admit(made(placed(PLACEMENT_ANNOTATIONS.clusters, "us-1,eu-1")))).toEqual({ allowed: false, code: 403, reason: "authorization failed: jane may not use cluster eu-1 (verb use on clusterregistrations.monitoring.example.com)" });
    expect(await world.admit(made(placed(PLACEMENT_ANNOTATIONS.clusters, "us-*,mars-1")))).toMatchObject({ allowed: false, reason: expect.stringContaining("cluster mars-1") as unknown });
    expect(world.asked.at(-1)).toEqual(["mars-1", "us-1"]);
    const verdict = await world.mutate(made());
    expect(verdict).toMatchObject({ allowed: true, warnings: [expect.stringMatching(/^left out, since jane may not use them: eu-1, eu-2 \(verb use/)] });
    expect(world.audit.entries.at(-1)).toMatchObject({ outcome: "Success", clusters: ["us-1"] });
  });

  it("lets in what no cluster matches: there is nothing to be allowed", async () => {
    world.usable = new Set();
    expect((await world.admit(made(placed(PLACEMENT_ANNOTATIONS.regions, "mars")))).allowed).toBe(true);
  });

  it("refuses a placement that cannot be read, with its reason", async () => {
    expect(await world.admit(made(placed(PLACEMENT_ANNOTATIONS.maxClusters, "0")))).toEqual({ allowed: false, code: 422, reason: expect.stringMatching(/^cluster selection failed: annotation .*max-clusters is invalid: "0"/) as unknown });
  });

  it.each<[string, MonitorSketch]>([
    ["a label", { metadata: { labels: { a: "b" } } }],
    ["a finalizer", { metadata: { finalizers: ["x/y"] } }],
    ["a default that is spelled out", { spec: { method: "GET" } }],
  ])("does not look at %s", async (_what, sketch) => {
    const before = await world.stored(made());
    world.usable = new Set();
    expect(await world.admit(changed(before, sketch))).toEqual({ allowed: true });
    expect(world.audit.outcomes).toEqual(["Success"]);
  });

  it("never stands in the way of a deletion", async () => {
    const before = { ...(await world.stored(made())) };
    before.metadata = { ...before.metadata, deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x"] };
    world.usable = new Set();
    expect(await world.admit(changed(before, { metadata: { finalizers: [], annotations: {} } }))).toEqual({ allowed: true });
  });

  it("takes the hub's own writes as nobody's wish", async () => {
    const before = await world.stored(made());
    expect(await world.admit(changed(before, { spec: { interval: "1m" } }, { user: { ...jane, name: HUB } }))).toEqual({ allowed: true });
    expect(world.audit.outcomes).toEqual(["Success"]);
  });

  it("marks a dry run, and is the same decision", async () => {
    await world.admit(made({}, { dryRun: true }));
    expect(world.audit.entries).toMatchObject([{ outcome: "Success", dryRun: true }]);
  });

  it("permits nothing that the audit log does not take", async () => {
    world.audit.failure = new Error("disk full");
    await expect(world.mutate(made())).rejects.toThrow("disk full");
  });

  it("permits nothing before it has read what it decides by, and nothing whose rights are not known", async () => {
    world.policies.synced = false;
    expect(await world.admit(made())).toMatchObject({ allowed: false, code: 503, reason: expect.stringMatching(/^authorization failed: the hub has not read yet/) as unknown });
    world.policies.synced = true;
    world.usable = rightsUnknown("too slow");
    expect(await world.admit(made())).toMatchObject({ allowed: false, code: 503, reason: "authorization failed: too slow" });
    world.usable = new KubeError("UNAVAILABLE", "down");
    await expect(world.admit(made())).rejects.toThrow("down");
  });

  it("binds by every policy where the namespace is not known to anybody", async () => {
    world.policies.set(policy("strict", { allow: { methods: [] }, namespaceSelector: { matchLabels: { tenant: "z" } } }));
    expect((await world.admit(made())).allowed).toBe(true);
    expect((await world.admit(made({}, { namespace: "new" }))).allowed).toBe(false);
  });

  it("counts the monitors of the namespace", async () => {
    world.policies.set(policy("few", { allow: { maxMonitors: 1 } }));
    world.monitors.set(monitor({ metadata: { name: "back", creationTimestamp: "2026-01-01T00:00:00Z" } }));
    world.monitors.set(monitor({ metadata: { name: "front", namespace: "pay", creationTimestamp: "2026-01-01T00:00:00Z" } }));
    expect(await world.admit(made())).toMatchObject({ allowed: false, reason: expect.stringContaining("the namespace shop may have 1 HTTPMonitor, and 1 came before this one") as unknown });
  });

  it("records no identity that is longer than an annotation may be", async () => {
    expect(await world.admit(made({}, { user: { ...jane, groups: ["g".repeat(MAX_IDENTITY)] } }))).toMatchObject({ allowed: false, code: 403 });
  });

  it("leaves what does not follow its schema to the API server, and lets none of it through the second webhook", async () => {
    const broken: AdmissionRequest = { ...made(), object: { metadata: {}, spec: { url: 7 } } };
    expect(await world.mutate(broken)).toEqual({ allowed: true });
    await expect(world.reviewer.validate(broken, signal)).rejects.toMatchObject({ code: "INVALID_OBJECT" });
  });
});

const record = (one: HTTPMonitor): string => one.metadata.annotations?.[AUTHORIZED_BY_ANNOTATION] ?? "";
const carrying = (text: string): MonitorSketch => ({ metadata: { annotations: { [AUTHORIZED_BY_ANNOTATION]: text } } });

describe("a forged or copied authorized-by does nothing", () => {
  it("is overwritten in a new monitor, and in one whose spec changes", async () => {
    const janes = record(await world.stored(made()));
    const joe = { user: { ...jane, name: "joe" } };
    const copy = await world.stored(made({ ...carrying(janes), spec: { url: "https://evil.example.org/" } }, joe));
    expect(judgeRecord(copy, [world.key.publicKey])).toMatchObject({ kind: "valid", record: { user: "joe" } });
    const before = await world.stored(made());
    const forged = changed(before, { ...carrying(janes.replace("jane", "root")), spec: { interval: "1m" } }, joe);
    expect(judgeRecord(patched(forged.object, await world.mutate(forged)), [world.key.publicKey])).toMatchObject({ kind: "valid", record: { user: "joe" } });
  });

  it("is refused when it is all that changes", async () => {
    const before = await world.stored(made());
    expect(await world.admit(changed(before, carrying("{}")))).toEqual({ allowed: false, code: 403, reason: expect.stringMatching(/^authorization failed: the annotation .*authorized-by is written by the hub alone/) as unknown });
    expect(world.audit.entries.at(-1)).toMatchObject({ outcome: "Forbidden", rule: "record" });
  });

  it("is made anew, in the name of whoever took it away", async () => {
    const before = await world.stored(made());
    for (const annotations of [{}, { [AUTHORIZED_BY_ANNOTATION]: "" }]) {
      const taken = changed(before, { metadata: { annotations } }, { user: { ...jane, name: "joe" } });
      const verdict = await world.mutate(taken);
      expect(await world.admit(taken)).toEqual({ allowed: true });
      expect(judgeRecord(patched(taken.object, verdict), [world.key.publicKey])).toMatchObject({ kind: "valid", record: { user: "joe" } });
    }
    world.usable = new Set();
    expect((await world.admit(changed(before, { metadata: { annotations: {} } }))).allowed).toBe(false);
  });

  it("does not get through the second webhook: missing, another user's, old, or of another spec", async () => {
    const request = made();
    const object = patched(request.object, await world.mutate(request));
    const validate = async (change: Partial<AdmissionRequest>): Promise<boolean> => (await world.reviewer.validate({ ...request, object, ...change }, signal)).allowed;
    expect(await validate({})).toBe(true);
    expect(await validate({ object: request.object })).toBe(false);
    expect(await validate({ user: { ...jane, name: "joe" } })).toBe(false);
    expect(await validate({ user: { ...jane, uid: "u-2" } })).toBe(false);
    expect(await validate({ object: { ...object, spec: { ...object.spec, suspend: true } } })).toBe(false);
    await world.clock.advance(61_000);
    expect(await validate({})).toBe(false);
  });
});

describe("the platform's own objects", () => {
  it("are the API server's to decide, and are told to the audit log", async () => {
    const request: AdmissionRequest = { ...made(), kind: "MonitorPolicy", namespace: "", name: "rules", object: policy("rules", { allow: {} }) };
    expect([await world.mutate(request), await world.reviewer.validate(request, signal)]).toEqual([{ allowed: true }, { allowed: true }]);
    expect(world.audit.entries).toMatchObject([{ operation: "create", outcome: "Success", resource: { kind: "MonitorPolicy", name: "rules" } }]);
    expect(await world.mutate({ ...request, user: { ...jane, name: "" } })).toMatchObject({ allowed: false, code: 401 });
  });
});
