import { checkHash } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import { checkOf } from "./check.ts";
import { FixedLister } from "../testing/fixed-lister.ts";
import { monitor, uidOf } from "../testing/objects.ts";
import { isDamped, thresholdsIn, thresholdsOf, UNDAMPED } from "./thresholds.ts";

const DEFAULTS = { intervalMs: 30_000, timeoutMs: 5000 };
const URL = "https://shop.example.com/";
const check = (spec: object): ReturnType<typeof checkOf> => checkOf({ url: URL, ...spec }, DEFAULTS);

describe("the check of a spec", () => {
  it("has the contract's defaults", () => {
    expect(check({})).toEqual({
      url: URL,
      method: "GET",
      headers: {},
      intervalMs: 30_000,
      timeoutMs: 5000,
      expectedStatuses: ["200"],
      redirects: { follow: true, max: 10 },
      connection: "Fresh",
    });
  });

  it.each<[string, object, object]>([
    ["expectedStatus", { expectedStatus: 204 }, { expectedStatuses: ["204"] }],
    ["expectedStatuses, which win", { expectedStatus: 204, expectedStatuses: [200, "2xx", "500-599"] }, { expectedStatuses: ["200", "2xx", "500-599"] }],
    ["redirects", { redirects: { follow: false } }, { redirects: { follow: false, max: 10 } }],
    ["the number of redirects, also none", { redirects: { max: 0 } }, { redirects: { follow: true, max: 0 } }],
    ["connection", { connection: "Reuse" }, { connection: "Reuse" }],
    ["a timeout of its own", { timeout: "250ms" }, { timeoutMs: 250 }],
    ["the interval, where that is shorter than the default timeout", { interval: "2s" }, { intervalMs: 2000, timeoutMs: 2000 }],
  ])("follows %s", (_what, spec, expected) => expect(check(spec)).toMatchObject(expected));

  it("is the same check with any thresholds: they do not change the probe", () => {
    expect(checkHash(check({ failureThreshold: { failures: 3, window: 5 }, successThreshold: 2 }))).toBe(checkHash(check({})));
  });
});

describe("the thresholds of a spec", () => {
  it.each<[string, object, object]>([
    ["1 of 1 and 1 by default", {}, UNDAMPED],
    ["so many in a row without a window", { failureThreshold: { failures: 3 } }, { failures: 3, window: 3, successes: 1 }],
    ["M of N", { failureThreshold: { failures: 3, window: 5 }, successThreshold: 2 }, { failures: 3, window: 5, successes: 2 }],
    ["1 of N", { failureThreshold: { window: 5 } }, { failures: 1, window: 5, successes: 1 }],
  ])("are %s", (_what, spec, expected) => expect(thresholdsOf({ url: URL, ...spec })).toEqual(expected));

  it("are those of the very monitor, not of another one of its name", () => {
    const monitors = new FixedLister([monitor({ spec: { successThreshold: 3 } })]);
    const named = { namespace: "shop", name: "front" };
    expect(thresholdsIn(monitors, { ...named, uid: uidOf(1) })).toEqual({ ...UNDAMPED, successes: 3 });
    expect(thresholdsIn(monitors, { ...named, uid: uidOf(2) })).toEqual(UNDAMPED);
    expect(thresholdsIn(monitors, { ...named, name: "gone", uid: uidOf(1) })).toEqual(UNDAMPED);
  });

  it("damp only where one result may not be enough", () => {
    const damped = [UNDAMPED, { failures: 1, window: 5, successes: 1 }, { failures: 2, window: 2, successes: 1 }, { failures: 1, window: 1, successes: 2 }].map(isDamped);
    expect(damped).toEqual([false, false, true, true]);
  });
});
