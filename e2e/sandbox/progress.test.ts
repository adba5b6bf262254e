import { describe, expect, it } from "vitest";

import { durationText, estimateText, printer } from "./progress.ts";

describe("durations in words", () => {
  it.each([
    [9.9, "9 s"],
    [80, "1 min 20 s"],
    [300, "5 min 0 s"],
  ])("%d seconds read %s", (seconds, text) => expect(durationText(seconds)).toBe(text));

  it.each([
    [42, "about 50 s"],
    [300, "about 5 min"],
  ])("an estimate of %d seconds reads %s", (seconds, text) => expect(estimateText(seconds)).toBe(text));
});

describe("printer", () => {
  it("rewrites an ongoing line in a terminal", () => {
    let written = "";
    const report = printer({ isTTY: true, columns: 80, write: (text: string) => (written += text) });
    report({ text: "Building etcd: 1 s", ongoing: true });
    report({ text: "etcd is built", ongoing: false });
    expect(written).toBe("\r\u001B[2KBuilding etcd: 1 s\r\u001B[2Ketcd is built\n");
  });

  it("tells an ongoing line once in 5 s where nothing can be rewritten, and every step", () => {
    let time = 0;
    const lines: string[] = [];
    const report = printer({ write: (text: string) => lines.push(text) }, () => time);
    for (time = 0; time <= 6000; time += 1000) report({ text: `at ${time}`, ongoing: true });
    report({ text: "built", ongoing: false });
    expect(lines).toEqual(["at 0\n", "at 5000\n", "built\n"]);
  });
});
