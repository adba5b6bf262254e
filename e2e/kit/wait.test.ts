import { describe, expect, it } from "vitest";

import { WaitTimeoutError, waitUntil } from "./wait.ts";

describe("waitUntil", () => {
  it("returns what the first successful look found", async () => {
    let looks = 0;
    const found = await waitUntil({ what: "three looks", timeoutMs: 5000, everyMs: 1 }, () => (++looks === 3 ? looks : undefined));
    expect(found).toBe(3);
  });

  it("takes a throw for 'not yet', and tells the last one when time is up", async () => {
    const wait = waitUntil({ what: "the port", timeoutMs: 20, everyMs: 1 }, () => {
      throw new Error("refused");
    });
    await expect(wait).rejects.toThrow(WaitTimeoutError);
    await expect(wait).rejects.toThrow("waited 0.02 s for the port, in vain (last: refused)");
  });

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const wait = waitUntil({ what: "never", timeoutMs: 60_000, everyMs: 1, signal: controller.signal }, () => false);
    controller.abort(new Error("etcd died"));
    await expect(wait).rejects.toThrow("etcd died");
  });
});
