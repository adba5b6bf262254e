import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { AnsweringClient } from "../../testing/answering-client.ts";
import { bearerToken, tokenAuthenticator, userIn } from "./authenticate.ts";
import { POSITIVE_TTL_MS } from "./positive-cache.ts";

const ACCEPTED = { status: { authenticated: true, user: { username: "ann", uid: "1", groups: ["sre"], extra: { scopes: ["a"] } } } };

describe("the token of an Authorization header", () => {
  it.each([
    ["Bearer abc.d-e_f~1", "abc.d-e_f~1"],
    ["bearer  abc==", "abc=="],
    ["Basic abc", undefined],
    ["Bearer ", undefined],
    ["Bearer a b", undefined],
    ["Bearer a\nb", undefined],
    [undefined, undefined],
  ])("of %j is %j", (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
});

describe("the user that an answered TokenReview names", () => {
  it("is who the API server says", () => {
    expect(userIn(ACCEPTED)).toEqual({ name: "ann", uid: "1", groups: ["sre"], extra: { scopes: ["a"] } });
  });

  it.each([
    ["refused", { status: { authenticated: false, error: "signed by nobody" } }],
    ["refused, with a user", { status: { authenticated: false, user: { username: "ann" } } }],
    ["without a status", {}],
    ["without a name", { status: { authenticated: true, user: { username: "" } } }],
    ["something else", "yes"],
  ])("is nobody when it is %s", (_what, review) => {
    expect(() => userIn(review)).toThrow("authentication failed: the API server does not accept the token");
  });
});

describe("authentication by the API server", () => {
  it("asks once for a token, and again when its answer has grown old", async () => {
    const [clock, client] = [new ManualClock(), new AnsweringClient(() => ACCEPTED)];
    const authenticator = tokenAuthenticator(client, clock);
    await authenticator.authenticate("Bearer one");
    await clock.advance(POSITIVE_TTL_MS - 1);
    expect(await authenticator.authenticate("Bearer one")).toMatchObject({ name: "ann" });
    expect(client.requests).toHaveLength(1);
    await clock.advance(1);
    await authenticator.authenticate("Bearer one");
    await authenticator.authenticate("Bearer two");
    expect(client.requests.map(({ body }) => body)).toMatchObject(["one", "one", "two"].map((token) => ({ kind: "TokenReview", spec: { token } })));
  });

  it("never remembers a refusal", async () => {
    const client = new AnsweringClient(() => ({ status: { authenticated: false } }));
    const authenticator = tokenAuthenticator(client, new ManualClock());
    for (const _try of [1, 2]) await expect(authenticator.authenticate("Bearer one")).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
    expect(client.requests).toHaveLength(2);
  });
});
