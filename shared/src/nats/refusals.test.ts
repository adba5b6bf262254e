import { errors } from "nats";
import { describe, expect, it } from "vitest";
import { SightlineError } from "../errors.ts";
import { kindOf, natsError, Refusals, refusesEntry } from "./refusals.ts";

function refused(operation: "publish" | "subscription", subject: string) {
  return natsError(new errors.PermissionViolationError("Permissions Violation", operation, subject));
}

function because(cause: Error) {
  return new SightlineError("NATS_UNAVAILABLE", cause.message, { cause });
}

describe("what NATS refuses", () => {
  it("names the subject, and nothing of what was sent", () => {
    expect(refused("publish", "hb.us-1")).toMatchObject({ code: "NATS_REFUSED", message: "this key may not publish to hb.us-1" });
    expect(refused("subscription", "_INBOX_us-1.AB.*").message).toBe("this key may not subscribe to _INBOX_us-1.AB.*");
    expect(natsError(new Error("Authorization Violation"))).toMatchObject({ code: "NATS_UNAVAILABLE", message: "Authorization Violation" });
  });

  it("is told from a server that is not there, where it does not let somebody in", () => {
    expect(refusesEntry(because(new errors.AuthorizationError("Authorization Violation")))).toBe(true);
    expect(refusesEntry(because(new errors.UserAuthenticationExpiredError("User Authentication Expired")))).toBe(true);
    expect(refusesEntry(because(new errors.ConnectionError("connection refused")))).toBe(false);
    expect(refusesEntry(undefined)).toBe(false);
  });

  it("is of one kind where subjects differ by chance or count", () => {
    expect(kindOf(refused("subscription", "_INBOX_us-1.AB.*"))).toBe(kindOf(refused("subscription", "_INBOX_us-1.CD.*")));
    expect(kindOf(refused("publish", "$JS.ACK.KV_assign.agent-us-1-0.1.2"))).toBe(kindOf(refused("publish", "$JS.ACK.KV_assign.agent-us-1-0.1.3")));
    expect(kindOf(refused("publish", "results.3.us-1"))).toBe(kindOf(refused("publish", "results.4.us-1")));
    expect(kindOf(refused("publish", "hb.us-1"))).not.toBe(kindOf(refused("publish", "results.3.us-1")));
  });
});

describe("a refusal", () => {
  it("lasts while each interval between heartbeats brings one", () => {
    const refusals = new Refusals();
    refusals.heartbeatPassed();
    expect(refusals.lasting).toBe(false);
    for (const _beat of [1, 2, 3]) {
      refusals.add();
      refusals.heartbeatPassed();
      expect(refusals.lasting).toBe(true);
    }
    refusals.heartbeatPassed();
    expect(refusals.lasting).toBe(false);
  });

  it("ends with the first heartbeat of another connection that is taken", () => {
    const refusals = new Refusals();
    refusals.add();
    refusals.reconnected();
    expect(refusals.lasting).toBe(true);
    refusals.heartbeatPassed();
    expect(refusals.lasting).toBe(false);
  });
});
