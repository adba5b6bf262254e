import { describe, expect, it } from "vitest";
import type { Report } from "./examine.ts";
import { renderJson, renderText } from "./render.ts";
import { size } from "./size.ts";

const report: Report = {
  exitCode: 1,
  findings: [
    { check: "nats.streams", state: "failed", where: "KV_assign", message: "max_age is 5, not 0", advice: "Look at the hub's log." },
    { check: "nats.batch", state: "not checked", message: "--nats-monitor-url was not given" },
    { check: "nats.sync", state: "not checked", message: "--nats-monitor-url was not given" },
    { check: "clock.offset", state: "ok", where: "NATS", message: "well" },
  ],
};

describe("a report", () => {
  it("is text for people: by group, in columns, with what would be right, and a sum", () => {
    expect(renderText(report, false).split("\n")).toEqual([
      "NATS",
      "  failed       nats.streams  KV_assign: max_age is 5, not 0",
      "                             → Look at the hub's log.",
      "  not checked  2 checks      nats.batch, nats.sync: --nats-monitor-url was not given",
      "",
      "Clocks",
      "  ok           clock.offset  NATS: well",
      "",
      "1 failed, 0 warnings, 1 ok, 2 not checked.",
      "",
    ]);
  });

  it("has colours only where they are asked for", () => {
    expect(renderText(report, true)).toContain("\u001B[31mfailed     \u001B[39m");
    expect(renderText(report, false)).not.toContain("\u001B");
  });

  it("is JSON for programs", () => expect(JSON.parse(renderJson(report))).toEqual(report));
});

describe("a size", () => {
  it.each([[0, "0 B"], [1023, "1020 B"], [1024, "1 KiB"], [1536, "1.5 KiB"], [4.0625 * 1024 ** 3, "4.06 GiB"], [2 ** 60, "1050000 TiB"]])("of %d bytes is %s", (bytes, text) => expect(size(bytes)).toBe(text));
});
