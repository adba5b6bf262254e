import { describe, expect, it } from "vitest";
import type { HTTPMonitor, HTTPMonitorStatus } from "@sightline/shared/api";
import { monitor, uidOf } from "../testing/objects.ts";
import { WrittenStatuses } from "./written-statuses.ts";

const ours: HTTPMonitorStatus = { status: "Unhealthy", errorMessage: "it is down", lastTransitionTime: "2026-01-01T00:01:00Z", healthy: "0/1" };
const stale: HTTPMonitorStatus = { status: "Healthy", errorMessage: "", lastTransitionTime: "2026-01-01T00:00:00Z", healthy: "1/1" };

function stored(resourceVersion: string, status: HTTPMonitorStatus): HTTPMonitor {
  return monitor({ metadata: { resourceVersion }, status });
}

function written(resourceVersion = "9"): WrittenStatuses {
  const statuses = new WrittenStatuses();
  statuses.wrote(uidOf(1), resourceVersion, ours);
  return statuses;
}

describe("a status that was written", () => {
  it("stands when somebody writes another verdict over it, with the time of its own transition", () => {
    expect(written().standing(stored("10", stale))).toEqual({ ...ours, healthy: "1/1" });
  });

  it("is not seen yet in an older version: what is stored there stands", () => {
    expect(written("100").standing(stored("99", stale))).toEqual(stale);
  });

  it("says nothing of a version that shows the same verdict", () => {
    const fresher = { ...ours, lastCheck: "2026-01-01T00:02:00Z" };
    expect(written().standing(stored("10", fresher))).toEqual(fresher);
  });

  it("says nothing while the outcome of a later write is not known, or after it was forgotten", () => {
    for (const end of ["begin", "forget"] as const) {
      const statuses = written();
      statuses[end](uidOf(1));
      expect(statuses.standing(stored("10", stale))).toEqual(stale);
    }
  });

  it("says nothing where versions are no numbers", () => expect(written("a").standing(stored("b", stale))).toEqual(stale));
});
