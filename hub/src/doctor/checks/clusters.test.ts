import { describe, expect, it } from "vitest";
import { CLOCK_OFF } from "../../controllers/clusterregistration/decide.ts";
import { condition, NOW, seen, soundCluster, soundFacts } from "../testing.ts";
import { checkClusters } from "./clusters.ts";

describe("a cluster whose agent's clock is too far off to be believed", () => {
  it.each(["True", "False"] as const)("is told of by what its condition says (Joined=%s)", (joined) => {
    const message = "The cluster's agent counts as silent: its clock is 20m0s behind the hub's.";
    const facts = soundFacts();
    const cluster = soundCluster({ conditions: [condition("Joined", { status: joined }), condition("Available", { status: "Unknown", reason: CLOCK_OFF, message })] });
    facts.kubernetes.registrations = seen({ objects: [cluster], unreadable: [] });
    const found = checkClusters({ ...facts, now: NOW }).filter(({ state }) => state === "failed");
    expect(found).toEqual([expect.objectContaining({ check: "clusters.reporting", where: "eu-1", message })]);
  });
});
