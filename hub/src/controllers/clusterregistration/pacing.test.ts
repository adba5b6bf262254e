import type { ClusterRegistrationStatus } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { planWrite } from "./pacing.ts";

function waiting(message: string, type = "Accepted"): ClusterRegistrationStatus {
  return { conditions: [{ type, status: "False", reason: "NotAccepted", message, observedGeneration: 1, lastTransitionTime: "2026-01-01T00:00:00Z" }] };
}

describe("a status that was written a second ago", () => {
  it("is written at once when another key waits to be accepted: somebody compares it", () => {
    expect(planWrite(waiting("Set spec.accepted to true."), waiting("An agent with key UA has enrolled, and waits."), 9000, 10_000)).toEqual({ difference: "conditions", inMs: 0 });
  });

  it("waits for what is only worded otherwise", () => {
    expect(planWrite(waiting("12 ms", "ClockSynced"), waiting("13 ms", "ClockSynced"), 9000, 10_000)).toEqual({ difference: "refresh", inMs: 59_000 });
  });
});
