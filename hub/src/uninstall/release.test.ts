import { expect, it } from "vitest";
import { KubeError } from "../kube/errors.ts";
import { FakeKube } from "../testing/fake-kube.ts";
import { HTTP_MONITORS } from "../kube/resources.ts";
import { namespaceIsThere, releaseAll } from "./release.ts";

it.each([
  ["there", () => ({ metadata: { name: "shop" } }), true],
  ["gone, or misspelt", () => undefined, false],
  ["none of the asker's business", () => { throw new KubeError("FORBIDDEN", "no"); }, true],
])("a namespace that is %s", async (_what, answer, isThere) => {
  const kube = new FakeKube();
  kube.answers = [answer];
  expect(await namespaceIsThere(kube, "shop")).toBe(isThere);
  expect(kube.log).toEqual(["GET /api/v1/namespaces/shop"]);
});

it("is not known while the API server does not say", async () => {
  const kube = new FakeKube();
  kube.answers = [() => { throw new KubeError("UNAVAILABLE", "down"); }];
  await expect(namespaceIsThere(kube, "shop")).rejects.toThrow("down");
});

it("of one object that fails keeps no other: all are tried, and the failure is told", async () => {
  const kube = new FakeKube();
  const items = Array.from({ length: 40 }, (_none, number) => ({ metadata: { namespace: "shop", name: `m-${number}`, uid: `u-${number}`, resourceVersion: "1", finalizers: ["ours"] } }));
  kube.answers = [
    ({ method }) => (method === "GET" ? { metadata: { resourceVersion: "1" }, items } : undefined),
    ({ path }) => {
      if (path.endsWith("/m-0")) throw new KubeError("INVALID", "m-0 is not valid any more");
    },
  ];
  await expect(releaseAll(kube, { resource: HTTP_MONITORS, finalizer: "ours" }, { deletedOnly: false }, () => undefined)).rejects.toThrow("m-0 is not valid any more");
  expect(kube.log.filter((line) => line.startsWith("PATCH"))).toHaveLength(40);
});
