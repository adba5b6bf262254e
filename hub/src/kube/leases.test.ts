import { describe, expect, it } from "vitest";
import { FakeKube } from "../testing/fake-kube.ts";
import { LeaseStore, parseLease } from "./leases.ts";

const NAME = { namespace: "sightline-system", name: "http-monitor-operator" };
const PATH = "/apis/coordination.k8s.io/v1/namespaces/sightline-system/leases";
const terms = { holder: "a", durationMs: 15_000, renewTime: "2026-01-01T00:00:05.000000Z", acquireTime: "2026-01-01T00:00:00.000000Z", transitions: 2 };
const object = {
  metadata: { namespace: NAME.namespace, name: NAME.name, uid: "u", resourceVersion: "7" },
  spec: { holderIdentity: "a", leaseDurationSeconds: 15, renewTime: terms.renewTime, acquireTime: terms.acquireTime, leaseTransitions: 2 },
};

function store(): { kube: FakeKube; leases: LeaseStore } {
  const kube = new FakeKube();
  kube.answers = [({ method }) => (method === "GET" ? undefined : object)];
  return { kube, leases: new LeaseStore(kube, NAME) };
}

describe("the stored Lease", () => {
  it("is made where there was none: another one of the name refuses that", async () => {
    const { kube, leases } = store();
    expect(await leases.read(100)).toBeUndefined();
    expect(await leases.replace(undefined, terms, 100)).toEqual({ ...terms, resourceVersion: "7" });
    expect(kube.log).toEqual([`GET ${PATH}/http-monitor-operator`, `POST ${PATH}`]);
    expect(kube.requests[1]?.body).toMatchObject({ metadata: NAME, spec: object.spec });
  });

  it("is written in place of the version that was read, and of no other", async () => {
    const { kube, leases } = store();
    await leases.replace({ ...terms, resourceVersion: "6" }, terms, 100);
    expect(kube.requests[0]).toMatchObject({ method: "PATCH", patch: "merge", timeoutMs: 100, body: { metadata: { resourceVersion: "6" }, spec: object.spec } });
  });

  it("names nobody when it was given back", async () => {
    const { kube, leases } = store();
    await leases.replace({ ...terms, resourceVersion: "6" }, { ...terms, holder: "" }, 100);
    expect(kube.requests[0]?.body).toMatchObject({ spec: { holderIdentity: null } });
    expect(parseLease({ ...object, spec: { leaseDurationSeconds: 15 } }).holder).toBe("");
  });

  it("that is none is refused", () => expect(() => parseLease({ kind: "Status" })).toThrow("the API server's answer is no Lease"));
});
