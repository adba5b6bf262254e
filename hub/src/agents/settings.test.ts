import { describe, expect, it } from "vitest";
import { registration } from "../testing/objects.ts";
import { heardUpTo, settingsOf } from "./settings.ts";

describe("what a cluster's head says of its cluster", () => {
  it("has egress rules where there are any", () => {
    const settings = { region: "eu", heartbeatIntervalMs: 10_000 };
    expect(settingsOf(registration("eu-1", { spec: { region: "eu" } }))).toEqual(settings);
    expect(settingsOf(registration("eu-1", { spec: { region: "eu", egress: { allow: [], deny: [] } } }))).toEqual(settings);
    expect(settingsOf(registration("eu-1", { spec: { region: "eu", egress: { deny: ["10.0.0.0/8"] } } }))).toEqual({ ...settings, egress: { allow: [], deny: ["10.0.0.0/8"] } });
  });
});

describe("until when a cluster's agent was heard, on its own clock", () => {
  const lastHeartbeatTime = "2026-01-01T12:00:00Z";
  const end = Date.parse(lastHeartbeatTime) + 1000;

  it.each([
    ["nothing", {}, 0],
    ["no time", { lastHeartbeatTime: "then" }, 0],
    ["a time alone", { lastHeartbeatTime }, end],
    ["a clock that is ahead", { lastHeartbeatTime, clockSkew: "1m0.5s" }, end + 60_500],
    ["a clock that is behind", { lastHeartbeatTime, clockSkew: "-10m0s" }, end - 600_000],
  ])("is read from a status that says %s", (_what, status, expected) => expect(heardUpTo(registration("eu-1", { status }))).toBe(expected));
});
