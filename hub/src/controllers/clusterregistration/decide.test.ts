import type { ClusterRegistrationStatus } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { heartbeat } from "../../testing/heartbeats.ts";
import { registration } from "../../testing/objects.ts";
import { availabilityEvent, decideStatus, type RegistrationView } from "./decide.ts";
import { differenceOf, planWrite } from "./pacing.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const HEARD = { available: true, lastHeartbeatAt: NOW - 5000, clockOffsetMs: 12 };

function status(change: Partial<RegistrationView> = {}): ClusterRegistrationStatus {
  return decideStatus({
    registration: registration("eu-1"),
    liveness: HEARD,
    heartbeat: heartbeat(),
    numbers: { intervalMs: 10_000, graceMs: 30_000 },
    assigned: 3,
    head: { epoch: 1, generation: 4 },
    now: NOW,
    ...change,
  });
}

/** `Type=Status Reason` of each condition. */
function said(found: ClusterRegistrationStatus): string[] {
  return (found.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is} ${reason}`);
}

const unheard = { available: true, lastHeartbeatAt: undefined, clockOffsetMs: 0 };

describe("a registration's status", () => {
  it("shows what the agent reports and what is assigned", () => {
    expect(status()).toMatchObject({
      agentVersion: "0.1.0",
      lastHeartbeatTime: "2026-01-01T11:59:55Z",
      heartbeatInterval: "10s",
      heartbeatGrace: "30s",
      assignedMonitors: 3,
      assignedEpoch: 1,
      assignedGeneration: 4,
      acknowledgedEpoch: 1,
      acknowledgedGeneration: 1,
      synced: "1/4",
      probesPerSecond: "0.5",
      clockSkew: "12ms",
    });
    expect(said(status())).toEqual(["Accepted=True Accepted", "Joined=True HeartbeatSeen", "Available=True HeartbeatReceived", "ClockSynced=True WithinLimit"]);
  });

  it("of a cluster that never reported says so", () => {
    const fresh = status({ registration: registration("eu-1", { spec: { accepted: false } }), liveness: unheard, heartbeat: undefined, head: undefined, assigned: 0 });
    expect(said(fresh)).toEqual(["Accepted=False NotAccepted", "Joined=False NoHeartbeatYet", "Available=Unknown NoHeartbeatYet", "ClockSynced=Unknown NoHeartbeatYet"]);
    expect(fresh).not.toHaveProperty("synced");
    expect(fresh).not.toHaveProperty("lastHeartbeatTime");
    expect(fresh).not.toHaveProperty("clockSkew");
  });

  it("of a silent cluster states the detection time, and keeps its last report", () => {
    const silent = status({ liveness: { ...HEARD, available: false } });
    expect(silent.conditions?.[2]).toMatchObject({ status: "Unknown", reason: "Silent", message: "The cluster's agent has not reported for more than 40s (interval 10s + grace 30s)." });
    expect(silent.agentVersion).toBe("0.1.0");
  });

  it("stays as it was after the hub's restart, until the cluster's time is up", () => {
    const before = registration("eu-1", { status: status() });
    const restarted = status({ registration: before, liveness: unheard, heartbeat: undefined });
    expect(restarted).toEqual(before.status);
    const silent = status({ registration: before, liveness: { ...unheard, available: false }, heartbeat: undefined });
    expect(said(silent)).toContain("Available=Unknown Silent");
  });

  it.each([
    [1999, "ClockSynced=True WithinLimit"],
    [2001, "ClockSynced=False OffsetTooLarge"],
    [-2001, "ClockSynced=False OffsetTooLarge"],
  ])("compares the clocks: %i ms", (clockOffsetMs, expected) => {
    expect(said(status({ liveness: { ...HEARD, clockOffsetMs } }))).toContain(expected);
  });

  it.each([
    [true, "Available=True HeartbeatReceived"],
    [false, "Available=Unknown ClockOff"],
  ])("says of an agent that is not believed why, once it counts as silent (available: %s)", (isAvailable, expected) => {
    const found = status({ liveness: { ...HEARD, available: isAvailable, skewedByMs: -1_205_000 } });
    expect(said(found)).toEqual(expect.arrayContaining([expected, "ClockSynced=False OffsetTooLarge"]));
    expect(found.clockSkew).toBe("12ms");
    if (!isAvailable) expect(found.conditions?.[2]?.message).toBe("The cluster's agent counts as silent: its clock is 20m0s behind the hub's. Over 15m0s it cannot be told from one whose messages are old. Set its clock right, or the hub's.");
  });

  it("says at once of an agent that was never believed why", () => {
    const fresh = status({ liveness: { ...unheard, skewedByMs: 3_600_000 }, heartbeat: undefined });
    expect(said(fresh)).toEqual(["Accepted=True Accepted", "Joined=False ClockOff", "Available=Unknown ClockOff", "ClockSynced=False OffsetTooLarge"]);
  });

  it("shows how far the agent's clock is behind, in whole milliseconds", () => {
    expect(status({ liveness: { ...HEARD, clockOffsetMs: -1500.4 } }).clockSkew).toBe("-1.5s");
  });

  it("keeps the time of a condition that says the same, and leaves others' conditions out", () => {
    const before = registration("eu-1", { status: status({ now: NOW - 60_000 }) });
    before.status?.conditions?.push({ type: "Theirs", status: "True", reason: "R", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" });
    const after = status({ registration: before });
    expect(after.conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(Array.from({ length: 4 }, () => "2026-01-01T11:59:00Z"));
    expect(after.conditions?.some(({ type }) => type === "Theirs")).toBe(false);
  });
});

describe("the pace of status writes", () => {
  const before = status();
  const silent = status({ liveness: { ...HEARD, available: false } });
  const synced = status({ heartbeat: heartbeat({ held: { epoch: 1, generation: 4, count: 2, checksum: "0".repeat(64) } }) });
  const later = status({ liveness: { ...HEARD, lastHeartbeatAt: NOW } });

  it.each([
    ["nothing", before, "none"],
    ["a condition", silent, "conditions"],
    ["what is acknowledged", synced, "sync"],
    ["time going on", later, "refresh"],
  ])("knows %s from the rest", (_name, wanted, expected) => expect(differenceOf(before, wanted)).toBe(expected));

  it.each<[string, ClusterRegistrationStatus, number | undefined, number | undefined]>([
    ["nothing when nothing differs", before, 0, undefined],
    ["a condition at once", silent, 1, 0],
    ["what is acknowledged 5 s after the last write", synced, 1000, 4000],
    ["the rest a minute after the last write", later, 1000, 59_000],
    ["the rest at once when that is long ago", later, 61_000, 0],
    ["anything at once when nothing was ever written", later, undefined, 0],
  ])("writes %s", (_name, wanted, agoMs, inMs) => {
    const lastWriteAt = agoMs === undefined ? undefined : NOW - agoMs;
    expect(planWrite(before, wanted, lastWriteAt, NOW)?.inMs).toBe(inMs);
  });

  it("is not driven by conditions that others wrote", () => {
    const theirs = { type: "Theirs", status: "True", reason: "R", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" } as const;
    expect(planWrite({ ...before, conditions: [...(before.conditions ?? []), theirs] }, before, 0, NOW)).toBeUndefined();
  });
});

describe("the event of a cluster's availability", () => {
  const up = status({ registration: registration("eu-1", { status: status({ liveness: { ...HEARD, available: false } }) }) });
  const down = status({ liveness: { ...HEARD, available: false } });
  const never = status({ registration: registration("eu-1"), liveness: unheard, heartbeat: undefined });

  it("is one for silence and one for the return", () => {
    expect(availabilityEvent(up, down)).toMatchObject({ reason: "ClusterSilent" });
    expect(availabilityEvent(down, up)).toMatchObject({ reason: "ClusterAvailable" });
    expect(availabilityEvent(up, up)).toBeUndefined();
    expect(availabilityEvent(undefined, never)).toBeUndefined();
    expect(availabilityEvent(never, up)).toBeUndefined();
  });
});
