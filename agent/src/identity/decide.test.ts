import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideStep, type IdentityView } from "./decide.ts";

const DAY = 86_400_000;
const fresh: IdentityView = { token: undefined, enrolledBy: undefined, refusedToken: undefined, hasResting: false, working: undefined, disconnectedSince: 0, askedAt: undefined, unanswered: 0, refused: false, shutOut: false, now: 1_000_000, random: 0.5 };
const enrolled: Partial<IdentityView> = { token: "T", enrolledBy: "T", hasResting: true };
const working = (age: number, lifeMs = DAY): Partial<IdentityView> => ({ ...enrolled, working: { receivedAt: fresh.now - age, lifeMs }, disconnectedSince: undefined, askedAt: fresh.now - age });

describe("what an agent does about its identity", () => {
  it.each<[string, Partial<IdentityView>, string]>([
    ["without a token and without an identity it waits for a token", {}, "wait"],
    ["with a token it enrols at once", { token: "T" }, "enrol"],
    ["with a token that the hub refused it waits", { token: "T", refusedToken: { key: "T", againAt: fresh.now + 1 } }, "wait"],
    ["with a token that was refused a while ago it tries again", { token: "T", refusedToken: { key: "T", againAt: fresh.now } }, "enrol"],
    ["with another token than the refused one it enrols", { token: "U", refusedToken: { key: "T", againAt: fresh.now + 1 } }, "enrol"],
    ["having enrolled it asks at once", enrolled, "ask"],
    ["having enrolled it does not use the token again", { ...enrolled, askedAt: fresh.now - 1000 }, "wait"],
    ["with another token it enrols anew", { ...enrolled, token: "U" }, "enrol"],
    ["without a token, but an identity, it asks", { ...enrolled, token: undefined }, "ask"],
    ["while it waits to be accepted it asks every 10 s", { ...enrolled, askedAt: fresh.now - 9999 }, "wait"],
    ["while it waits to be accepted it asks every 10 s, and not less often", { ...enrolled, askedAt: fresh.now - 10_000 }, "ask"],
    ["refused, it asks once a minute", { ...enrolled, refused: true, askedAt: fresh.now - 59_000 }, "wait"],
    ["refused, it asks again", { ...enrolled, refused: true, askedAt: fresh.now - 60_000 }, "ask"],
    ["with new credentials it rests", working(1000), "wait"],
    ["at half their life it renews them", working(DAY / 2), "ask"],
    ["a little before half their life it does not", working(DAY / 2 - 60_000), "wait"],
    ["past their life it renews them", working(3 * DAY), "ask"],
    ["when NATS refuses it, it asks before half their life", { ...working(60_000), disconnectedSince: fresh.now - 3000 }, "ask"],
    ["when the connection was lost just now, it waits a moment", { ...working(60_000), disconnectedSince: fresh.now - 2000 }, "wait"],
    ["shut out, it asks every 10 s, also with credentials that NATS still takes", { ...working(60_000), shutOut: true, askedAt: fresh.now - 10_000 }, "ask"],
    ["shut out, it does not ask more often", { ...working(60_000), shutOut: true, askedAt: fresh.now - 9000 }, "wait"],
    ["started again, and shut out as far as it knows, it asks at once", { ...working(60_000), shutOut: true, disconnectedSince: fresh.now, askedAt: undefined }, "ask"],
    ["a hub that does not answer is asked less and less often", { ...working(DAY / 2), askedAt: fresh.now - 60_000, unanswered: 9 }, "wait"],
  ])("%s", (_name, change, act) => {
    expect(decideStep({ ...fresh, ...change }).act).toBe(act);
  });

  it("never rests for long, and never hurries: what it waits for may come at any time", () => {
    const time = fc.integer({ min: -10 * DAY, max: 1_000_000 });
    const view = fc.record<IdentityView>({
      token: fc.option(fc.constantFrom("T", "U"), { nil: undefined }),
      enrolledBy: fc.option(fc.constantFrom("T", "U"), { nil: undefined }),
      refusedToken: fc.option(fc.record({ key: fc.constantFrom("T", "U"), againAt: time }), { nil: undefined }),
      hasResting: fc.boolean(),
      working: fc.option(fc.record({ receivedAt: time, lifeMs: fc.integer({ min: 1000, max: 30 * DAY }) }), { nil: undefined }),
      disconnectedSince: fc.option(time, { nil: undefined }),
      askedAt: fc.option(time, { nil: undefined }),
      unanswered: fc.nat(60),
      refused: fc.boolean(),
      shutOut: fc.boolean(),
      now: fc.constant(fresh.now),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(view, (some) => {
        const step = decideStep(some);
        if (step.act === "wait") expect(step.ms).toBeGreaterThan(0);
        if (step.act === "wait") expect(step.ms).toBeLessThanOrEqual(5000);
        if (step.act === "ask") expect(some.hasResting).toBe(true);
        if (step.act === "enrol") expect(some.token).not.toBe(some.enrolledBy);
      }),
    );
  });

  it("renews credentials of any life well before their end, whatever chance says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 30 * DAY }), fc.double({ min: 0, max: 1, noNaN: true }), (lifeMs, random) => {
        expect(decideStep({ ...fresh, ...working(lifeMs * 0.56, lifeMs), random }).act).toBe("ask");
        expect(decideStep({ ...fresh, ...working(lifeMs * 0.44, lifeMs), random }).act).toBe("wait");
      }),
    );
  });
});
