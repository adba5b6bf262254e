import { systemClock } from "@sightline/shared";
import { type HTTPMonitor, parseHTTPMonitor } from "@sightline/shared/api";
import { silentLogger } from "@sightline/shared/telemetry";
import { describe, expect, it } from "vitest";

import { Informer, type InformerTiming } from "../../../hub/src/kube/informer.ts";
import { kubeSource, type ObjectSource } from "../../../hub/src/kube/object-source.ts";
import { HTTP_MONITORS, MONITOR_POLICIES, objectPath } from "../../../hub/src/kube/resources.ts";
import { idleMetrics } from "../../../hub/src/testing/metrics.ts";
import { waitUntil } from "../../kit/wait.ts";
import { kubeBench, QUICK_SOURCE } from "./support.ts";

const bench = kubeBench();
const TIMING: InformerTiming = { backoffBaseMs: 50, backoffMaxMs: 500, listGapMs: 0, staleMs: 500, relistMs: 600_000 };

/** A running informer over the monitors of all namespaces; stopped after the test. */
async function informer(change: { timing?: Partial<InformerTiming>; source?: ObjectSource } = {}): Promise<Informer<HTTPMonitor>> {
  const source = change.source ?? kubeSource(bench.client(), HTTP_MONITORS, QUICK_SOURCE);
  const timing = { ...TIMING, ...change.timing };
  const made = new Informer({ resource: "httpmonitor", source, parse: parseHTTPMonitor, clock: systemClock, random: Math.random, logger: silentLogger, metrics: idleMetrics(), timing });
  bench.cleanUp(() => made.stop());
  made.start();
  await made.whenListed();
  return made;
}

async function until(what: string, check: () => boolean): Promise<void> {
  await waitUntil({ what, timeoutMs: 30_000 }, check);
}

const key = (name: string): string => `${bench.namespace()}/${name}`;
const removeMonitor = (name: string): Promise<unknown> =>
  bench.client().request({ action: "delete", method: "DELETE", path: objectPath(HTTP_MONITORS, { namespace: bench.namespace(), name }) });

describe("an informer over a real API server", () => {
  it("lists what is there, page by page, and follows what happens", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) await bench.createMonitor(name);
    const monitors = await informer();
    expect(["a", "b", "c", "d", "e"].every((name) => monitors.get(key(name)) !== undefined)).toBe(true);
    await bench.createMonitor("f");
    await bench.patch(HTTP_MONITORS, "a", { spec: { url: "http://new.example.com/" } });
    await removeMonitor("b");
    await until("all three changes", () => monitors.get(key("f")) !== undefined && monitors.get(key("a"))?.spec.url === "http://new.example.com/" && monitors.get(key("b")) === undefined);
  });

  it("is alive again after the API server was killed, and finds what happened meanwhile", async () => {
    await bench.createMonitor("a");
    const monitors = await informer();
    await bench.kube().kill("kube-apiserver");
    await until("the picture to be stale", () => !monitors.synced);
    expect(monitors.get(key("a"))).toBeDefined();
    await bench.kube().restart("kube-apiserver");
    await bench.createMonitor("b");
    await removeMonitor("a");
    await until("the changes after the restart", () => monitors.synced && monitors.get(key("b")) !== undefined && monitors.get(key("a")) === undefined);
  });

  it("notices an API server that holds its connections open and says nothing", async () => {
    const monitors = await informer();
    await bench.createMonitor("before");
    await until("the watch to be open", () => monitors.get(key("before")) !== undefined);
    await bench.kube().pause("kube-apiserver");
    await until("the picture to be stale", () => !monitors.synced);
    await bench.kube().resume("kube-apiserver");
    await until("the picture to be synced", () => monitors.synced);
    await bench.createMonitor("after");
    await until("a change after it", () => monitors.get(key("after")) !== undefined);
  });

  it("stays synced where nothing happens: an API server sends no bookmark of a kind of which it has seen no event", async () => {
    const ends: unknown[] = [];
    const policies = await informer({ source: recording(kubeSource(bench.client(), MONITOR_POLICIES, QUICK_SOURCE), ends) });
    await until("a few watches to have come to their end", () => {
      expect(policies.synced).toBe(true);
      return ends.length >= 4;
    });
    expect(ends).toEqual(ends.map(() => "in good order"));
  });

  it("finds, by its next list, each event that was lost without a trace", async () => {
    const real = kubeSource(bench.client(), HTTP_MONITORS, QUICK_SOURCE);
    const changes = [
      () => bench.createMonitor("x"),
      () => bench.patch(HTTP_MONITORS, "x", { spec: { url: "http://new.example.com/" } }),
      () => bench.createMonitor("y"),
      () => removeMonitor("x"),
    ];
    for (const dropped of changes.keys()) {
      const monitors = await informer({ source: dropping(real, dropped), timing: { relistMs: 1000 } });
      for (const change of changes) await change();
      await until(`the picture to be right without event ${dropped}`, () => monitors.get(key("x")) === undefined && monitors.get(key("y")) !== undefined);
      await monitors.stop();
      await removeMonitor("y");
    }
  });

  it("refreshes to a picture that holds everything written before", async () => {
    const monitors = await informer();
    await bench.createMonitor("a");
    await monitors.refresh();
    expect(monitors.get(key("a"))).toBeDefined();
  });
});

/** A source that keeps how each watch ended. */
function recording(source: ObjectSource, ends: unknown[]): ObjectSource {
  return {
    list: (from, signal) => source.list(from, signal),
    watch: async (resourceVersion, handler, signal) => {
      try {
        await source.watch(resourceVersion, handler, signal);
        ends.push("in good order");
      } catch (error) {
        ends.push(error);
        throw error;
      }
    },
  };
}

/** A source that swallows one event of this test's namespace, as a broken proxy would. */
function dropping(source: ObjectSource, index: number): ObjectSource {
  let seen = 0;
  return {
    list: (from, signal) => source.list(from, signal),
    watch: (resourceVersion, handler, signal) =>
      source.watch(
        resourceVersion,
        {
          opened: () => handler.opened(),
          event: (type, object) => {
            if (type === "BOOKMARK" || seen++ !== index) handler.event(type, object);
          },
        },
        signal,
      ),
  };
}
