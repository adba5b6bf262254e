import { describe, expect, it } from "vitest";
import { EVENT_REASONS } from "../../hub/src/kube/event-reasons.ts";
import { read } from "./source.ts";

describe("docs/reference/events.md", () => {
  it("has exactly the reasons that the hub knows, each with its type", () => {
    const documented = [...read("docs/reference/events.md").matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, reason, type]) => `${reason} ${type}`);
    expect(documented.toSorted()).toEqual(Object.entries(EVENT_REASONS).map(([reason, type]) => `${reason} ${type}`).toSorted());
  });
});
