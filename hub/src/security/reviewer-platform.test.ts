import { beforeEach, describe, expect, it } from "vitest";
import type { AdmissionRequest } from "../admission/types.ts";
import { policy, registration } from "../testing/objects.ts";
import { HUB, jane, made, ReviewWorld, signal } from "./testing.ts";

let world: ReviewWorld;

beforeEach(() => {
  world = new ReviewWorld();
});

describe("the platform's own objects", () => {
  it("are the API server's to decide, and are told to the audit log", async () => {
    const request: AdmissionRequest = { ...made(), kind: "MonitorPolicy", namespace: "", name: "rules", object: policy("rules", { allow: {} }) };
    expect([await world.mutate(request), await world.reviewer.validate(request, signal)]).toEqual([{ allowed: true }, { allowed: true }]);
    expect(world.audit.entries).toMatchObject([{ operation: "create", outcome: "Success", resource: { kind: "MonitorPolicy", name: "rules" } }]);
    expect(await world.mutate({ ...request, user: { ...jane, name: "" } })).toMatchObject({ allowed: false, code: 401 });
  });

  const accepted = registration("eu-1");
  const withSpec = (spec: object): object => ({ ...accepted, spec: { ...accepted.spec, ...spec } });
  const refused = { ...accepted, spec: { ...accepted.spec, accepted: false } };
  const byHub = (change: Partial<AdmissionRequest>): AdmissionRequest => ({ ...made({}, { user: { ...jane, name: HUB } }), kind: "ClusterRegistration", operation: "UPDATE", namespace: "", name: "eu-1", object: refused, oldObject: accepted, ...change });

  it("let the hub take back an acceptance, which is told to the audit log", async () => {
    expect(await world.reviewer.validate(byHub({}), signal)).toEqual({ allowed: true });
    expect(world.audit.entries).toMatchObject([{ operation: "update", outcome: "Success", user: { name: HUB }, resource: { kind: "ClusterRegistration", name: "eu-1" } }]);
  });

  it.each<[string, Partial<AdmissionRequest>]>([
    ["accepts a cluster", { object: accepted, oldObject: refused }],
    ["opens a network", { object: withSpec({ egress: { allow: ["0.0.0.0/0"] } }) }],
    ["opens one while it takes back an acceptance", { object: withSpec({ accepted: false, egress: { allow: ["0.0.0.0/0"] } }) }],
    ["relabels a cluster", { object: { ...refused, metadata: { ...accepted.metadata, labels: { tier: "edge" } } } }],
    ["makes one", { operation: "CREATE", oldObject: undefined }],
    ["changes a policy", { kind: "MonitorPolicy" }],
  ])("are not the hub's otherwise: it is refused, and told, when it %s", async (_what, change) => {
    expect(await world.reviewer.validate(byHub(change), signal)).toMatchObject({ allowed: false, code: 403, reason: expect.stringMatching(/^authorization failed: the hub itself/) as unknown });
    expect(world.audit.entries).toMatchObject([{ outcome: "Forbidden", rule: "hub" }]);
  });
});
