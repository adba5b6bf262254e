import { describe, expect, it } from "vitest";
import { kubeBench } from "../kube/support.ts";

const bench = kubeBench();
const URL = "http://shop.example.com/";

/** Creates a monitor of this spec, as a user would: what is wrong with it is for the API server to say. */
async function create(spec: object): Promise<void> {
  const manifest = { apiVersion: "monitoring.example.com/v1", kind: "HTTPMonitor", metadata: { name: "front", namespace: bench.namespace() }, spec: { url: URL, ...spec } };
  await bench.kube().kube.client.apply(manifest);
}

describe("the API server refuses", () => {
  it.each<[string, object, RegExp]>([
    ["a status that is none", { expectedStatuses: ["ok"] }, /an expected status is a code such as 200, a class such as 2xx, or a range such as 200-204/],
    ["a code out of range", { expectedStatuses: [200, 600] }, /expectedStatuses\[1\].*from 100 to 599/],
    ["a negative code", { expectedStatuses: [-200] }, /from 100 to 599/],
    ["a class that is none", { expectedStatuses: ["6xx"] }, /from 100 to 599/],
    ["a class in capitals", { expectedStatuses: ["2XX"] }, /a class such as 2xx/],
    ["half a range", { expectedStatuses: ["200-"] }, /a range such as 200-204/],
    ["a list in one text", { expectedStatuses: ["200,204"] }, /an expected status is a code/],
    ["an inverted range", { expectedStatuses: ["204-200"] }, /a range of expected statuses must begin with its lower end/],
    ["an empty list of statuses", { expectedStatuses: [] }, /should have at least 1 items/],
    ["too many statuses", { expectedStatuses: Array.from({ length: 33 }, (_none, index) => 200 + index) }, /must have at most 32 items/],
    ["a negative number of redirects", { redirects: { max: -1 } }, /redirects\.max.*greater than or equal to 0/],
    ["too many redirects", { redirects: { max: 21 } }, /redirects\.max.*less than or equal to 20/],
    ["another connection", { connection: "Keep" }, /supported values: "Fresh", "Reuse"/],
    ["more failures than the window holds", { failureThreshold: { failures: 4, window: 3 } }, /failures must be at most the window/],
    ["no failures", { failureThreshold: { failures: 0, window: 3 } }, /failures.*greater than or equal to 1/],
    ["a negative threshold", { failureThreshold: { failures: -1 } }, /failures.*greater than or equal to 1/],
    ["a window that nobody could remember", { failureThreshold: { failures: 3, window: 21 } }, /window.*less than or equal to 20/],
    ["a negative success threshold", { successThreshold: -2 }, /successThreshold.*greater than or equal to 1/],
    ["no successes", { successThreshold: 0 }, /successThreshold.*greater than or equal to 1/],
  ])("%s", async (_what, spec, reason) => {
    await expect(create(spec)).rejects.toThrow(reason);
  });
});

describe("the API server takes", () => {
  it.each<[string, object]>([
    ["codes as numbers and as texts, classes and ranges", { expectedStatuses: [200, "204", "3xx", "500-599", "404-404"] }],
    ["the most statuses that there may be", { expectedStatuses: Array.from({ length: 32 }, (_none, index) => 200 + index) }],
    ["redirects that are not followed", { redirects: { follow: false } }],
    ["failures without a window, and a window without failures", { failureThreshold: { failures: 3 } }],
    ["a window alone", { failureThreshold: { window: 5 } }],
    ["thresholds at their bounds", { failureThreshold: { failures: 20, window: 20 }, successThreshold: 20 }],
  ])("%s", async (_what, spec) => {
    await create(spec);
  });
});
