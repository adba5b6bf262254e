import { columns } from "@sightline/shared";
import { describe, expect, it } from "vitest";
import { monitor } from "../kit/monitor.ts";
import { type Sample, stillMissing } from "./samples.ts";
import { renderAge } from "./age.ts";

const mended: Sample = { manifest: monitor("login", { url: "http://x/" }), story: "", shows: ["Unhealthy", "Healthy"], settles: "Healthy" };

describe("a sample of the demo", () => {
  it.each([
    ["has shown nothing", undefined, "login has not shown Unhealthy and Healthy yet; it shows nothing"],
    ["has shown half", { verdicts: new Set(["Unhealthy"]), current: "Unhealthy" }, "login has not shown Healthy yet; it shows Unhealthy"],
    ["fell back", { verdicts: new Set(["Unhealthy", "Healthy"]), current: "Unhealthy" }, "login should be Healthy, and is Unhealthy"],
    ["is done", { verdicts: new Set(["Unhealthy", "Healthy"]), current: "Healthy" }, undefined],
  ])("that %s says so", (_case, shown, sentence) => expect(stillMissing(mended, shown)).toBe(sentence));
});

describe("the demo's table", () => {
  it("aligns its columns and ends no line with spaces", () => {
    expect(columns([["NAME", "STATUS"], ["shop", "Healthy"], ["checkout", ""]]).join("\n")).toBe("NAME       STATUS\nshop       Healthy\ncheckout");
  });

  it.each([
    [-5, "0s"],
    [61_000, "61s"],
    [192_000, "3m12s"],
    [1_200_000, "20m"],
    [7_200_000, "2h"],
  ])("shows %d ms as kubectl does", (ms, text) => expect(renderAge(ms)).toBe(text));
});
