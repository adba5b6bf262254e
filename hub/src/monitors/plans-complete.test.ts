import { describe, expect, it } from "vitest";
import { planOver } from "../results/testing.ts";
import { FixedLister } from "../testing/fixed-lister.ts";
import { monitor, uidOf } from "../testing/objects.ts";
import { PlanRegistry } from "./registry.ts";
import { plansComplete } from "./plans-complete.ts";

const front = monitor({ metadata: { name: "front", uid: uidOf(1) } });
const back = monitor({ metadata: { name: "back", uid: uidOf(2) } });
const planOf = (uid: string): ReturnType<typeof planOver> => planOver(["eu-1"], { uid, name: uid });

describe("plans are complete", () => {
  it("when each monitor that was there at first has one, and stay so when more monitors come", () => {
    const monitors = new FixedLister([front, back]);
    const plans = new PlanRegistry();
    const complete = plansComplete(monitors, plans);
    expect(complete()).toBe(false);
    plans.put(planOf(uidOf(1)));
    expect(complete()).toBe(false);
    plans.put(planOf(uidOf(2)));
    expect(complete()).toBe(true);
    monitors.set(monitor({ metadata: { name: "later", uid: uidOf(3) } }));
    expect(complete()).toBe(true);
  });

  it("without those that are gone, being deleted, or made again under their name", () => {
    const monitors = new FixedLister([front, back, monitor({ metadata: { name: "old", uid: uidOf(4) } })]);
    const complete = plansComplete(monitors, new PlanRegistry());
    expect(complete()).toBe(false);
    monitors.delete("shop/front");
    monitors.set(monitor({ metadata: { name: "back", uid: uidOf(2), deletionTimestamp: "2026-01-01T00:00:00Z" } }));
    expect(complete()).toBe(false);
    monitors.set(monitor({ metadata: { name: "old", uid: uidOf(5) } }));
    expect(complete()).toBe(true);
  });

  it("never before the monitors have been listed", () => {
    const monitors = new FixedLister([front]);
    monitors.synced = false;
    const plans = new PlanRegistry();
    plans.put(planOf(uidOf(1)));
    const complete = plansComplete(monitors, plans);
    expect(complete()).toBe(false);
    monitors.synced = true;
    expect(complete()).toBe(true);
  });
});
