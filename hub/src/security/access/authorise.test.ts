import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { AnsweringClient } from "../../testing/answering-client.ts";
import { accessAuthoriser, isAllowed } from "./authorise.ts";
import { POSITIVE_TTL_MS } from "./positive-cache.ts";

const ANN = { name: "ann", uid: "1", groups: ["sre"], extra: {} };
const READ = { path: "/debug/pprof/heap", verb: "get" };

describe("an answered SubjectAccessReview", () => {
  it.each([
    [{ status: { allowed: true } }, true],
    [{ status: { allowed: true, denied: true } }, false],
    [{ status: { allowed: false } }, false],
    [{ status: { allowed: "true" } }, false],
    [{}, false],
    [undefined, false],
  ])("%j allows: %s", (review, allowed) => {
    expect(isAllowed(review)).toBe(allowed);
  });
});

describe("authorisation by the API server", () => {
  it("remembers what was granted, for this user, path and verb, and not for long", async () => {
    const [clock, client] = [new ManualClock(), new AnsweringClient(() => ({ status: { allowed: true } }))];
    const authoriser = accessAuthoriser(client, clock);
    await authoriser.authorise(ANN, READ);
    await authoriser.authorise(ANN, READ);
    expect(client.requests).toHaveLength(1);
    expect(client.requests[0]?.body).toMatchObject({ kind: "SubjectAccessReview", spec: { user: "ann", uid: "1", groups: ["sre"], nonResourceAttributes: READ } });
    await authoriser.authorise(ANN, { ...READ, verb: "put" });
    await authoriser.authorise({ ...ANN, groups: [] }, READ);
    await clock.advance(POSITIVE_TTL_MS);
    await authoriser.authorise(ANN, READ);
    expect(client.requests).toHaveLength(4);
  });

  it("refuses with who, what and where, and never remembers it", async () => {
    const client = new AnsweringClient(() => ({ status: { allowed: false } }));
    const authoriser = accessAuthoriser(client, new ManualClock());
    for (const _try of [1, 2]) await expect(authoriser.authorise(ANN, READ)).rejects.toThrow("authorization failed: ann may not get /debug/pprof/heap");
    expect(client.requests).toHaveLength(2);
  });
});
