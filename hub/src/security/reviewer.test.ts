import { PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { beforeEach, describe, expect, it } from "vitest";
import type { AdmissionRequest } from "../admission/types.ts";
import { KubeError } from "../kube/errors.ts";
import { monitor, type MonitorSketch, policy, uidOf } from "../testing/objects.ts";
import { rightsUnknown } from "./errors.ts";
import { judgeRecord, MAX_IDENTITY } from "./authorship/record.ts";
import { changed, HUB, jane, made, patched, ReviewWorld, signal } from "./testing.ts";

let world: ReviewWorld;

beforeEach(() => {
  world = new ReviewWorld();
});

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

  it("asks the hub itself, should it change a monitor, as it asks anybody", async () => {
    const before = await world.stored(made());
    world.usable = new Set();
    expect(await world.admit(changed(before, { spec: { interval: "1m" } }, { user: { ...jane, name: HUB } }))).toMatchObject({ allowed: false, code: 403 });
    expect(world.audit.entries.at(-1)).toMatchObject({ outcome: "Forbidden", user: { name: HUB } });
    expect(await world.admit(changed(before, { metadata: { finalizers: ["x/y"] } }, { user: { ...jane, name: HUB } }))).toEqual({ allowed: true });
  });

});

describe("the review of a monitor, when something is missing or too much", () => {
  it("marks a dry run, and is the same decision", async () => {
    expect(await world.admit(made({}, { dryRun: true }))).toEqual({ allowed: true });
    expect(world.audit.entries).toMatchObject([{ outcome: "Success", dryRun: true }]);
  });

  it("permits nothing that the audit log does not take", async () => {
    world.audit.failure = new Error("disk full");
    await expect(world.mutate(made())).rejects.toThrow("disk full");
  });

  it("permits nothing before it has read what it decides by, and nothing whose rights are not known", async () => {
    world.policies.synced = false;
    const refused = world.admit(made());
    await world.clock.advance(2000);
    expect(await refused).toMatchObject({ allowed: false, code: 503, reason: expect.stringMatching(/^authorization failed: the hub has not read yet/) as unknown });
    world.policies.synced = true;
    world.usable = rightsUnknown("too slow");
    expect(await world.admit(made())).toMatchObject({ allowed: false, code: 503, reason: "authorization failed: too slow" });
    world.usable = new KubeError("UNAVAILABLE", "down");
    await expect(world.admit(made())).rejects.toThrow("down");
  });

  it("waits a moment for what is being read again, and refuses nobody for that", async () => {
    world.monitors.synced = false;
    const admitted = world.admit(made());
    await world.clock.advance(500);
    world.monitors.synced = true;
    await world.clock.advance(500);
    expect((await admitted).allowed).toBe(true);
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
