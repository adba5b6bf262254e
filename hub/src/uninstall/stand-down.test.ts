import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { KubeError } from "../kube/errors.ts";
import type { LeaseTerms, StoredLease } from "../leadership/lease.ts";
import { STAND_DOWN_MS, standHubsDown, type StandDownOptions, UNINSTALLING } from "./stand-down.ts";

function stored(holder: string): StoredLease {
  return { holder, durationMs: 12_000, renewTime: "t", acquireTime: "t", transitions: 3, resourceVersion: "7" };
}

/** A lease that answers writes with these errors first. */
function leaseOf(found: StoredLease | undefined, ...errors: KubeError[]): StandDownOptions["lease"] & { written: LeaseTerms[] } {
  const written: LeaseTerms[] = [];
  return {
    written,
    read: () => Promise.resolve(found),
    replace: (_stored, terms) => {
      const error = errors.shift();
      if (error !== undefined) return Promise.reject(error);
      written.push(terms);
      return Promise.resolve({ ...terms, resourceVersion: "8" });
    },
  };
}

describe("having the hubs stand by", () => {
  it("takes the lease, and waits until whoever led has surely noticed", async () => {
    const [clock, lease, told] = [new ManualClock(), leaseOf(stored("hub-0/1")), [] as unknown[]];
    let done = false;
    const standing = standHubsDown({ lease, clock, waits: (...waits) => told.push(waits) }).then(() => (done = true));
    await clock.advance(11_999);
    expect([done, told]).toEqual([false, [["hub-0/1", 12_000]]]);
    await clock.advance(1);
    await standing;
    expect(lease.written).toMatchObject([{ holder: UNINSTALLING, durationMs: STAND_DOWN_MS, transitions: 4 }]);
  });

  it.each([
    ["nobody led", stored("")],
    ["it was done before", stored(UNINSTALLING)],
    ["there never was a hub", undefined],
  ])("waits for nobody where %s", async (_what, found) => {
    const lease = leaseOf(found);
    await standHubsDown({ lease, clock: new ManualClock(), waits: () => expect.unreachable() });
    expect(lease.written).toHaveLength(1);
  });

  it("reads again what the leader renewed meanwhile, and does without a lease where the namespace is gone", async () => {
    const renewed = leaseOf(stored(""), new KubeError("CONFLICT", "renewed", { retryable: true }));
    await standHubsDown({ lease: renewed, clock: new ManualClock(), waits: () => undefined });
    expect(renewed.written).toHaveLength(1);
    await standHubsDown({ lease: leaseOf(undefined, new KubeError("NOT_FOUND", "no namespace")), clock: new ManualClock(), waits: () => undefined });
    await expect(standHubsDown({ lease: leaseOf(stored(""), new KubeError("FORBIDDEN", "no")), clock: new ManualClock(), waits: () => undefined })).rejects.toThrow("no");
  });
});
