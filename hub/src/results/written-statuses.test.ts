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
  statuses.wrote(stored("1", stale), resourceVersion, ours);
  return statuses;
}

describe("a status that was written", () => {
  it("stands when somebody writes another verdict over it, with the time of its own transition", () => {
    expect(written().standing(stored("10", stale))).toEqual({ ...ours, healthy: "1/1" });
  });

  it("stands while the picture that it was written over is all that there is", () => {
    const picture = stored("8", stale);
    const statuses = new WrittenStatuses();
    statuses.wrote(picture, "9", ours);
    expect([statuses.standing(picture), statuses.stored(picture)]).toEqual([ours, ours]);
    statuses.doubt(picture);
    expect([statuses.standing(picture), statuses.stored(picture)]).toEqual([stale, stale]);
  });

  it("does not stand against another older version: it came back with a restored etcd", () => {
    const restored = stored("8", stale);
    expect(written("100").standing(restored)).toEqual(stale);
    expect(written("100").stored(restored)).toEqual(stale);
  });

  it("says nothing of a version that shows the same verdict", () => {
    const fresher = { ...ours, lastCheck: "2026-01-01T00:02:00Z" };
    expect(written().standing(stored("10", fresher))).toEqual(fresher);
  });

  it("says nothing after a later write whose outcome is not known, or after it was forgotten", () => {
    const ends: ((statuses: WrittenStatuses) => void)[] = [(statuses) => statuses.doubt(stored("9", ours)), (statuses) => statuses.forget(uidOf(1))];
    for (const end of ends) {
      const statuses = written();
      end(statuses);
      expect(statuses.standing(stored("10", stale))).toEqual(stale);
    }
  });

  it("says nothing where versions are no numbers", () => expect(written("a").standing(stored("b", stale))).toEqual(stale));
});
