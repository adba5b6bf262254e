import { describe, expect, it } from "vitest";
import { registration } from "../testing/objects.ts";
import { settingsOf } from "./settings.ts";

describe("what a cluster's head says of its cluster", () => {
  it("has egress rules where there are any", () => {
    const settings = { region: "eu", heartbeatIntervalMs: 10_000 };
    expect(settingsOf(registration("eu-1", { spec: { region: "eu" } }))).toEqual(settings);
    expect(settingsOf(registration("eu-1", { spec: { region: "eu", egress: { allow: [], deny: [] } } }))).toEqual(settings);
    expect(settingsOf(registration("eu-1", { spec: { region: "eu", egress: { deny: ["10.0.0.0/8"] } } }))).toEqual({ ...settings, egress: { allow: [], deny: ["10.0.0.0/8"] } });
  });
});
