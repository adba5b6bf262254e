import { PROBE_REQUEST_ANNOTATION } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { type ProbeRequest, probeRequestOf } from "./probe-request.ts";

const asked = (text: string): ProbeRequest => probeRequestOf({ [PROBE_REQUEST_ANNOTATION]: text });

describe("the request for a probe", () => {
  it("is none without the annotation", () => {
    expect([probeRequestOf(undefined), probeRequestOf({ other: "x" })]).toEqual([{ kind: "none" }, { kind: "none" }]);
  });

  it.each(["2026-01-02T03:04:05Z", "2026-01-02t03:04:05z", " 2026-01-02T03:04:05.000Z ", "2026-01-02T04:34:05+01:30", "2026-01-01T22:04:05-05:00"])("names the instant %s", (text) => {
    expect(asked(text)).toEqual({ kind: "at", atMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
  });

  it("may be of any time: it is a name, not an appointment", () => {
    expect(asked("1969-12-31T23:59:59Z")).toEqual({ kind: "at", atMs: -1000 });
    expect(asked("9999-12-31T23:59:59.999Z").kind).toBe("at");
    expect(asked("2024-02-29T00:00:00Z").kind).toBe("at");
  });

  it.each(["", "now", "1767323045", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "2026-13-02T03:04:05Z", "2026-00-02T03:04:05Z", "2026-02-30T03:04:05Z", "2025-02-29T03:04:05Z", "2026-01-00T03:04:05Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:05+25:00", "x".repeat(10_000)])("that is %j is ignored, with the reason", (text) => {
    const request = asked(text);
    expect(request.kind).toBe("invalid");
    if (request.kind !== "invalid") return;
    expect(request.problem).toMatch(/is ignored: .* is not an RFC 3339 time such as 2026-01-02T03:04:05Z$/);
    expect(request.problem.length).toBeLessThan(250);
  });
});
