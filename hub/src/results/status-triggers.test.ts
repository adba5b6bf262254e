import type { HTTPMonitor } from "@sightline/shared/api";
import { expect, it } from "vitest";
import { FixedLister } from "../testing/fixed-lister.ts";
import { monitor } from "../testing/objects.ts";
import type { SeenResults } from "./results-config-map.ts";
import { resultsStand, watchWritten } from "./status-triggers.ts";

const metadata = { namespace: "shop", name: "front-results", uid: "map", resourceVersion: "1" };
const FRONT = { namespace: "shop", name: "front" };

it("asks for a monitor whose status or results are not what was written, and only then", () => {
  const monitors = new FixedLister<HTTPMonitor>();
  const results = new FixedLister<SeenResults>();
  const asked: string[] = [];
  watchWritten({ monitors, results }, (key) => asked.push(key));
  const seen = (): string[] => asked.splice(0);

  monitors.set(monitor({ status: { status: "Healthy", lastCheck: "2026-01-01T00:00:00Z" } }));
  expect(seen()).toEqual(["shop/front"]);
  monitors.set(monitor({ status: { status: "Healthy", lastCheck: "2026-01-01T00:00:30Z" } }));
  expect(seen()).toEqual([]);
  monitors.set(monitor({ status: { status: "Unhealthy" } }));
  expect(seen()).toEqual(["shop/front"]);

  results.set({ metadata, intact: true, digest: "d", ownerUids: ["u"] });
  expect(seen()).toEqual([]);
  expect(resultsStand(results, FRONT)).toBe(true);
  results.set({ metadata, intact: false, digest: "d", ownerUids: ["u"] });
  expect(seen()).toEqual(["shop/front"]);
  expect(resultsStand(results, FRONT)).toBe(false);
  results.delete("shop/front-results");
  expect(seen()).toEqual(["shop/front"]);
  expect(resultsStand(results, FRONT)).toBe(false);
});

it("takes results for standing while the picture of them may be old", () => {
  const results = new FixedLister<SeenResults>();
  results.synced = false;
  expect(resultsStand(results, FRONT)).toBe(true);
});
