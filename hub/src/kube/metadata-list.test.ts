import { describe, expect, it } from "vitest";
import { FakeKube } from "../testing/fake-kube.ts";
import { listMetadata } from "./metadata-list.ts";
import { SECRETS } from "./resources.ts";

const SIGNAL = new AbortController().signal;

function list(kube: FakeKube): ReturnType<typeof listMetadata> {
  return listMetadata(kube, SECRETS, SIGNAL, "app.kubernetes.io/managed-by=us");
}

describe("a list of metadata", () => {
  it("asks for no content, and reads every page", async () => {
    const kube = new FakeKube();
    const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "2" };
    kube.answers = [
      ({ query }) =>
        query?.["continue"] === undefined
          ? { metadata: { resourceVersion: "5", continue: "more" }, items: [{ metadata: { name: "a", namespace: "shop", uid: "1", resourceVersion: "3", labels: { x: "y" }, ownerReferences: [owner], deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["f"] } }, "no object"] }
          : { metadata: { resourceVersion: "5" }, items: [{ metadata: { name: "b", uid: "3", resourceVersion: "4" } }] },
    ];
    expect(await list(kube)).toEqual([
      { name: "a", namespace: "shop", uid: "1", labels: { x: "y" }, owners: [owner], deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["f"] },
      { name: "b", uid: "3", labels: {}, owners: [], finalizers: [] },
    ]);
    expect(kube.requests).toMatchObject([
      { metadataOnly: true, path: "/api/v1/secrets", query: { labelSelector: "app.kubernetes.io/managed-by=us" } },
      { metadataOnly: true, query: { continue: "more" } },
    ]);
  });

  it("takes null for an empty list, and nothing else", async () => {
    const kube = new FakeKube();
    kube.answers = [() => ({ metadata: { resourceVersion: "5" }, items: null })];
    expect(await list(kube)).toEqual([]);
    kube.answers = [() => ({ metadata: { resourceVersion: "5" } })];
    await expect(list(kube)).rejects.toMatchObject({ code: "UNAVAILABLE", message: "failed to list secrets: the answer is not a list" });
  });
});
