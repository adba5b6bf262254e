import { AUTHORIZED_BY_ANNOTATION, type HTTPMonitor, type MonitorPolicy, PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { newSigningKey } from "@sightline/shared/identity";
import { ManualClock } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { RecordingAuditLog } from "../audit/testing.ts";
import { MESSAGES } from "../telemetry/messages.ts";
import type { EventNote } from "../kube/events.ts";
import { CHECK_DEFAULTS } from "../monitors/check.ts";
import { FixedLister } from "../testing/fixed-lister.ts";
import { monitor, type MonitorSketch, namespace, policy, registration, uidOf } from "../testing/objects.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import type { User } from "./access/authenticate.ts";
import { type GuardOptions, RecordGuard, type Ruling } from "./guard.ts";
import { intentOf } from "./authorship/intent.ts";
import { makeRecord } from "./authorship/record.ts";
import { identityKey, type Usable } from "./rights/usable.ts";

const jane: User = { name: "jane", uid: "u-1", groups: [], extra: {} };
const HUB = "system:serviceaccount:sightline-system:http-monitor-operator";
const { key } = newSigningKey("hub");

class World {
  readonly clock = new ManualClock();
  readonly audit = new RecordingAuditLog();
  readonly logger = new RecordingLogger();
  readonly registrations = new FixedLister([registration("eu-1"), registration("us-1")]);
  readonly monitors = new FixedLister<HTTPMonitor>();
  readonly policies = new FixedLister<MonitorPolicy>();
  readonly events: EventNote[] = [];
  readonly asked: string[] = [];
  usable: Usable | Error = "all";
  running: string[] = [];
  readonly options: GuardOptions = {
    registrations: this.registrations,
    monitors: this.monitors,
    policies: this.policies,
    records: {
      publicKeys: [key.publicKey],
      book: {
        usable: async ({ name }, clusters) => {
          this.asked.push(`${name} ${clusters.join()}`);
          if (this.usable instanceof Error) throw this.usable;
          return this.usable;
        },
      },
    },
    audit: this.audit,
    clock: this.clock,
    logger: this.logger,
    reviews: true,
    defaults: CHECK_DEFAULTS,
    hubUser: HUB,
    recordEvent: (note) => void this.events.push(note),
  };
  guard = new RecordGuard(this.options);

  rule(one: HTTPMonitor): Promise<Ruling> {
    return this.guard.rule({ monitor: one, namespace: namespace({ tenant: "a" }), running: new Set(this.running) });
  }
}

let world: World;

beforeEach(() => {
  world = new World();
});

/** A monitor that jane asked for, as it stands. */
function recorded(sketch: MonitorSketch = {}, user = jane): HTTPMonitor {
  const one = monitor(sketch);
  const subject = { namespace: "shop", name: one.metadata.name, namePrefix: "", uid: one.metadata.uid, intent: intentOf(one) };
  return carrying(one, JSON.stringify(makeRecord(key, user, subject, world.clock.now())));
}

function carrying(one: HTTPMonitor, record: string | undefined): HTTPMonitor {
  const { [AUTHORIZED_BY_ANNOTATION]: _former, ...others } = one.metadata.annotations ?? {};
  return { ...one, metadata: { ...one.metadata, annotations: record === undefined ? others : { ...others, [AUTHORIZED_BY_ANNOTATION]: record } } };
}

/** Changed behind the webhook's back: the record stays. */
function tampered(one: HTTPMonitor): HTTPMonitor {
  return { ...one, metadata: { ...one.metadata, generation: 2, annotations: { ...one.metadata.annotations, [PLACEMENT_ANNOTATIONS.clusters]: "eu-1" } }, spec: { url: "https://evil.example.org/" } };
}

const urlOf = ({ inForce }: Ruling): string => inForce.spec.url;

describe("the controller's own check", () => {
  it("lets a monitor run in its author's name, and says so once, when it begins", async () => {
    const one = recorded();
    expect(await world.rule(one)).toEqual({ inForce: one, author: { name: "jane", usable: "all" }, refusal: undefined });
    world.running = ["eu-1", "us-1"];
    await world.rule(one);
    expect(world.audit.entries).toEqual([
      { operation: "reconcile", user: { name: HUB, uid: "", groups: [] }, resource: { kind: "HTTPMonitor", namespace: "shop", name: "front", uid: uidOf(1) }, outcome: "Success", clusters: ["eu-1", "us-1"] },
    ]);
    expect(world.asked).toEqual(["jane eu-1,us-1", "jane eu-1,us-1"]);
  });

  it("says nothing of what a new leader finds running", async () => {
    world.running = ["eu-1"];
    await world.rule(recorded());
    expect(world.audit.entries).toEqual([]);
  });

  it("lets nothing run that nobody asked for, and says what to do", async () => {
    const { refusal, author } = await world.rule(monitor());
    expect(author).toBeUndefined();
    expect(refusal).toEqual({
      reason: "NotAuthorized",
      message: 'authorization failed: it has no record of who asked for it, so nothing of it runs; apply it again: "kubectl -n shop annotate httpmonitor front monitoring.example.com/authorized-by= --overwrite" has it reviewed in your name',
      rule: "record",
      withdraw: true,
    });
    expect(world.audit.entries).toMatchObject([{ operation: "reconcile", outcome: "Forbidden", rule: "record" }]);
    expect(world.logger.messages).toEqual([MESSAGES.securityFailed]);
    await world.rule(monitor());
    expect(world.audit.entries).toHaveLength(1);
  });

  it("lets go on what was allowed before, under a change that nobody reviewed, also after the hub's restart", async () => {
    const one = recorded({ metadata: { annotations: { [PLACEMENT_ANNOTATIONS.clusters]: "us-1", other: "x" } } });
    await world.rule(one);
    for (let restart = 0; restart < 2; restart += 1) {
      const ruling = await world.rule(tampered(one));
      expect(urlOf(ruling)).toBe("https://shop.example.com/");
      expect(ruling.inForce.metadata.annotations).toMatchObject({ [PLACEMENT_ANNOTATIONS.clusters]: "us-1", other: "x" });
      expect(ruling.refusal).toMatchObject({ reason: "NotAuthorized", withdraw: false, message: expect.stringMatching(/^authorization failed: its spec or placement was changed without a review.*so what ran before goes on; apply it again/) as unknown });
      world.guard = new RecordGuard(world.options);
    }
    expect((await world.rule(recorded({ metadata: { generation: 3 }, spec: { url: "https://new.example.com/" } }))).refusal).toBeUndefined();
  });

  it("says rather that a placement cannot be read, where it is also that", async () => {
    const one = recorded();
    const misread = { ...one, metadata: { ...one.metadata, annotations: { ...one.metadata.annotations, [PLACEMENT_ANNOTATIONS.maxClusters]: "0" } } };
    expect((await world.rule(misread)).refusal).toMatchObject({ reason: "InvalidPlacement", message: expect.stringContaining("max-clusters is invalid") as unknown, withdraw: false });
    expect(world.audit.entries).toMatchObject([{ outcome: "Forbidden", rule: "record" }]);
  });

  it("takes a record that was forged, copied or removed for nothing: what was allowed before goes on", async () => {
    const one = recorded();
    const forged = (one.metadata.annotations?.[AUTHORIZED_BY_ANNOTATION] ?? "").replace("jane", "root");
    const foreign = recorded({ metadata: { name: "back", uid: uidOf(2) }, spec: { url: "https://evil.example.org/" } }).metadata.annotations?.[AUTHORIZED_BY_ANNOTATION];
    for (const record of [forged, foreign, "{}", undefined]) {
      world = new World();
      await world.rule(one);
      world.running = ["eu-1"];
      const ruling = await world.rule(carrying(tampered(one), record));
      expect([urlOf(ruling), ruling.refusal?.reason, ruling.refusal?.withdraw, ruling.author?.name]).toEqual(["https://shop.example.com/", "NotAuthorized", false, "jane"]);
      const unseen = new World();
      expect((await unseen.rule(carrying(tampered(one), record))).refusal).toMatchObject({ reason: "NotAuthorized", withdraw: true });
    }
  });

  it("a monitor whose author lost the right is withdrawn and told why", async () => {
    const one = recorded();
    await world.rule(one);
    world.running = ["eu-1", "us-1"];
    world.usable = new Set(["us-1"]);
    const ruling = await world.rule(one);
    expect(ruling).toMatchObject({ author: { usable: new Set(["us-1"]) }, refusal: undefined });
    const message = "authorization failed: jane, who asked for the monitor, may not use eu-1 any more (verb use on clusterregistrations.monitoring.example.com): it is withdrawn from there";
    expect(world.audit.entries.slice(1)).toMatchObject([{ operation: "reconcile", outcome: "Forbidden", rule: "use", reason: message, clusters: ["eu-1"] }]);
    expect(world.events).toMatchObject([{ reason: "AuthorizationLost", message, object: { name: "front" } }]);
    expect(world.logger.messages).toEqual([MESSAGES.securityFailed]);
    await world.rule(one);
    expect(world.events).toHaveLength(1);
    world.running = ["us-1"];
    world.usable = new Set();
    expect((await world.rule(one)).refusal).toMatchObject({ reason: "NotAuthorized", message: "authorization failed: jane, who asked for the monitor, may not use any cluster that its placement selects (verb use on clusterregistrations.monitoring.example.com)" });
    world.running = [];
    await world.rule(one);
    world.usable = "all";
    expect((await world.rule(one)).refusal).toBeUndefined();
    expect(world.audit.outcomes).toEqual(["Success", "Forbidden", "Forbidden", "Success"]);
  });

});

describe("the controller's own check of rights and policies", () => {
  it("lets what runs go on, and nothing new begin, while the API server does not say", async () => {
    world.usable = new Error("down");
    world.running = ["eu-1"];
    expect(await world.rule(recorded())).toMatchObject({ author: { usable: new Set(["eu-1"]) }, refusal: undefined });
    expect(world.audit.entries).toEqual([]);
  });

  it("withdraws what a policy does not allow any more, and lets it run again when it does", async () => {
    const one = recorded();
    await world.rule(one);
    world.running = ["eu-1", "us-1"];
    world.policies.set(policy("slow", { allow: { minInterval: "1h" } }));
    expect((await world.rule(one)).refusal).toEqual({ reason: "PolicyViolation", message: "security policy violation: MonitorPolicy slow (allow.minInterval): the interval 30s is shorter than 1h", rule: "MonitorPolicy slow allow.minInterval", withdraw: true });
    expect(world.audit.entries.at(-1)).toMatchObject({ operation: "reconcile", outcome: "PolicyViolation" });
    world.policies.delete("slow");
    expect((await world.rule(one)).refusal).toBeUndefined();
    expect(world.audit.outcomes).toEqual(["Success", "PolicyViolation", "Success"]);
  });

  it("counts older monitors of the namespace only", async () => {
    world.policies.set(policy("few", { allow: { maxMonitors: 1 } }));
    const older = monitor({ metadata: { name: "back", uid: uidOf(2), creationTimestamp: "2026-01-01T00:00:00Z" } });
    const one = recorded({ metadata: { creationTimestamp: "2026-01-02T00:00:00Z" } });
    world.monitors.set(older);
    world.monitors.set(one);
    expect((await world.rule(one)).refusal?.reason).toBe("PolicyViolation");
    world.monitors.set({ ...older, metadata: { ...older.metadata, creationTimestamp: "2026-01-03T00:00:00Z" } });
    expect((await world.rule(one)).refusal).toBeUndefined();
  });

  it("changes nothing that the audit log does not take", async () => {
    world.audit.failure = new Error("disk full");
    await expect(world.rule(recorded())).rejects.toThrow("disk full");
  });

  it("looks at nobody's rights where it is told to place what nobody reviewed, and at policies all the same", async () => {
    world.guard = new RecordGuard({ ...world.options, records: undefined });
    expect(await world.rule(monitor())).toMatchObject({ author: undefined, refusal: undefined });
    world.policies.set(policy("none", { allow: { methods: [] } }));
    expect((await world.rule(monitor())).refusal?.reason).toBe("PolicyViolation");
  });

  it("knows whose monitors are to be looked at again", async () => {
    const joe = { ...jane, name: "joe" };
    await world.rule(recorded());
    await world.rule(recorded({ metadata: { name: "back", uid: uidOf(2) } }, joe));
    expect(world.guard.authors()).toEqual(new Set([identityKey(jane), identityKey(joe)]));
    expect(world.guard.monitorsOf(new Set([identityKey(joe)]))).toEqual(new Set([uidOf(2)]));
    world.guard.forget(uidOf(2));
    expect(world.guard.authors()).toEqual(new Set([identityKey(jane)]));
  });
});
