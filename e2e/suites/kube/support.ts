import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { systemClock } from "@sightline/shared";
import { afterAll, afterEach, beforeEach } from "vitest";

import { createKubeClient, type KubeClient, loadKubeConfig } from "../../../hub/src/kube/client.ts";
import { collectionPath, HTTP_MONITORS, objectPath, type Resource } from "../../../hub/src/kube/resources.ts";
import type { SourceTiming } from "../../../hub/src/kube/object-source.ts";
import { textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { applyCrds, type Kube, startKube } from "../../sandbox/mod.ts";
import { needsServers } from "../../sandbox/test-needs.ts";

/** A source that notices trouble fast enough for a test. */
export const QUICK_SOURCE: SourceTiming = { pageSize: 2, listTimeoutMs: 2000, watchMs: () => 1000, graceMs: 1000 };

/** One API server for a suite, with our CRDs, and a fresh namespace for each of its tests. */
export interface KubeBench {
  readonly kube: () => Kube;
  readonly client: () => KubeClient;
  readonly namespace: () => string;
  /** Runs after the test, the last one first. */
  cleanUp(act: () => Promise<unknown>): void;
  createMonitor(name: string, change?: { annotations?: Record<string, string>; url?: string }): Promise<unknown>;
  /** A monitor as it is stored, or undefined. */
  getMonitor(name: string): Promise<unknown>;
  patch(resource: Resource, name: string, body: object): Promise<unknown>;
}

export function kubeBench(): KubeBench {
  let running: Kube | undefined;
  let client: KubeClient | undefined;
  let dir = "";
  let namespace = "";
  const cleanups: (() => Promise<unknown>)[] = [];
  const kube = (): Kube => there(running);
  const hubClient = (): KubeClient => there(client);

  needsServers(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "sightline-kube-"));
    running = await startKube({ dir: path.join(dir, "kube") });
    await applyCrds(running.kube.client, running.failure);
    client = createKubeClient(loadKubeConfig(running.adminKubeconfig), { clock: systemClock, timeoutMs: 4000 });
  });
  beforeEach(async () => {
    if (running === undefined) return;
    namespace = `test-${randomUUID().slice(0, 8)}`;
    await hubClient().request({ action: "make a namespace", method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: namespace } } });
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });
  afterAll(async () => {
    await running?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  return {
    kube,
    client: hubClient,
    namespace: () => namespace,
    cleanUp: (act) => void cleanups.push(act),
    createMonitor: (name, { annotations, url = "http://shop.example.com/" } = {}) => {
      const manifest = monitor(name, { url }, { namespace });
      const body = { ...manifest, metadata: { ...manifest.metadata, ...(annotations === undefined ? {} : { annotations }) } };
      return hubClient().request({ action: "create a monitor", method: "POST", path: collectionPath(HTTP_MONITORS, namespace), body });
    },
    getMonitor: async (name) => await kube().kube.client.get(objectPath(HTTP_MONITORS, { namespace, name }).slice(1)),
    patch: (resource, name, body) => {
      const place = resource.namespaced ? { namespace, name } : { name };
      return hubClient().request({ action: `patch ${name}`, method: "PATCH", path: objectPath(resource, place), patch: "merge", body });
    },
  };
}

/** The metadata by which a write says which object it means. */
export function seenOf(object: unknown): { name: string; namespace: string; uid: string; resourceVersion: string; finalizers: string[] } {
  const text = (field: string): string => textAt(object, "metadata", field) ?? "";
  return { name: text("name"), namespace: text("namespace"), uid: text("uid"), resourceVersion: text("resourceVersion"), finalizers: [] };
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the API server does not run");
  return value;
}
