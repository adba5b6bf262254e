import { expect, it } from "vitest";
import { KubeError } from "../kube/errors.ts";
import { FakeKube } from "../testing/fake-kube.ts";
import { namespaceIsThere } from "./release.ts";

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
