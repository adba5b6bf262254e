import { parseHTTPMonitor } from "@sightline/shared/api";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { afterEach, describe, expect, it } from "vitest";
import { idleMetrics } from "../testing/metrics.ts";
import { monitor } from "../testing/objects.ts";
import { KubeError } from "./errors.ts";
import { Informer } from "./informer.ts";
import type { ObjectPage } from "./list-pages.ts";
import type { ObjectSource } from "./object-source.ts";
import { untilAborted } from "@sightline/shared";

/** Answers lists when a test says so, and keeps watches open. */
class HeldSource implements ObjectSource {
  lists = 0;
  page = Promise.withResolvers<ObjectPage>();

  list(): Promise<ObjectPage> {
    this.lists += 1;
    return this.page.promise;
  }

  async watch(...[, handler, signal]: Parameters<ObjectSource["watch"]>): Promise<void> {
    handler.opened();
    await untilAborted(signal);
  }
}

const clock = new ManualClock();
let informer: Informer<ReturnType<typeof parseHTTPMonitor>>;
let source: HeldSource;

function start(): void {
  source = new HeldSource();
  informer = new Informer({ resource: "httpmonitor", source, parse: parseHTTPMonitor, clock, random: () => 0, logger: silentLogger, metrics: idleMetrics() });
  informer.start();
}

afterEach(async () => informer.stop());

describe("who asks an informer for a new list", () => {
  it("gets one even when another was under way already", async () => {
    start();
    let refreshed = false;
    const waiting = informer.refresh().then(() => (refreshed = true));
    await clock.advance(0);
    source.page.resolve({ items: [monitor()], resourceVersion: "10", next: undefined });
    await clock.advance(0);
    await waiting;
    expect([refreshed, source.lists, informer.size]).toEqual([true, 2, 1]);
  });

  it("does not wait for the end of a back-off", async () => {
    start();
    source.page.reject(new KubeError("UNAVAILABLE", "connection reset", { retryable: true }));
    await clock.advance(59_000);
    const before = source.lists + 1;
    while (source.lists < before) await clock.advance(500);
    source.page = Promise.withResolvers();
    source.page.resolve({ items: [monitor()], resourceVersion: "10", next: undefined });
    void informer.refresh();
    // The least distance of two lists: half of what the back-off has come to.
    await clock.advance(5000);
    expect([source.lists - before, informer.size]).toEqual([1, 1]);
  });
});
