import { type HTTPMonitor, MONITOR_FINALIZER } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { FakeKube } from "../testing/fake-kube.ts";
import { leakSources, type LeakSourceOptions } from "./sources.ts";
import type { Suspect } from "./leak-book.ts";

const SIGNAL = new AbortController().signal;

/** An informer that has seen nothing that could be read. */
const nothing = { synced: true, uids: () => new Set<string>(), get: () => undefined };

function lookForFinalizers(client: FakeKube): Promise<Suspect[] | undefined> | undefined {
  const kubernetes: LeakSourceOptions["kubernetes"] = { client, monitors: nothing, registrations: nothing, namespaces: nothing };
  const assignments = { ready: true, monitors: () => [] };
  return leakSources({ kubernetes, assignments, hubNamespace: "sightline-system" }).find(({ leak }) => leak === "finalizer")?.look(SIGNAL);
}

describe("the look for stuck finalizers", () => {
  it("finds objects whatever their content is, which nobody reads", async () => {
    const metadata: HTTPMonitor["metadata"] = { name: "unreadable", namespace: "shop", uid: "1", resourceVersion: "2", deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [MONITOR_FINALIZER] };
    const client = new FakeKube();
    client.answers = [({ path }) => ({ metadata: { resourceVersion: "5" }, items: path.endsWith("/httpmonitors") ? [{ metadata }] : [] })];
    expect(await lookForFinalizers(client)).toMatchObject([{ name: "httpmonitor shop/unreadable", since: Date.parse("2026-01-01T00:00:00Z") }]);
    expect(client.requests.map(({ path, metadataOnly }) => [path.split("/").at(-1), metadataOnly])).toEqual([["httpmonitors", true], ["clusterregistrations", true]]);
  });
});
