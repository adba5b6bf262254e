import { newSigningKey, signMessage } from "@sightline/shared/identity";
import { describe, expect, it } from "vitest";
import { registration } from "../testing/objects.ts";
import { type AgentMessage, distrustOf } from "./agent-signature.ts";

const { key } = newSigningKey("agent");
const other = newSigningKey("agent").key;
const payload = new TextEncoder().encode("[]");
const subject = "results.3.eu-1";
const accepted = registration("eu-1", { status: { publicKey: key.publicKey } });

function message(change: Partial<AgentMessage> = {}): AgentMessage {
  return { subject, payload, signature: signMessage(key, subject, payload), ...change };
}

describe("a message of a cluster's agent", () => {
  it("is believed when it is signed, for its subject, by the key that the agent enrolled with", () => {
    expect(distrustOf(accepted, message())).toBeUndefined();
  });

  it.each<[string, Parameters<typeof distrustOf>, ReturnType<typeof distrustOf>]>([
    ["of a name that is not registered", [undefined, message()], "unknown_key"],
    ["of a cluster that is not accepted", [registration("eu-1", { spec: { accepted: false }, status: { publicKey: key.publicKey } }), message()], "unknown_key"],
    ["of a cluster whose agent has not enrolled", [registration("eu-1", { status: {} }), message()], "unknown_key"],
    ["without a signature", [accepted, { subject, payload }], "unsigned"],
    ["with the signature of another agent", [accepted, message({ signature: signMessage(other, subject, payload) })], "bad_signature"],
    ["with the signature of another cluster's subject", [accepted, message({ signature: signMessage(key, "results.3.us-1", payload) })], "bad_signature"],
    ["with the signature of another partition", [accepted, message({ signature: signMessage(key, "results.4.eu-1", payload) })], "bad_signature"],
    ["with a changed payload", [accepted, message({ payload: new TextEncoder().encode("[ ]") })], "bad_signature"],
    ["with nothing but a signature", [accepted, message({ payload: null })], "bad_signature"],
    ["with rubbish for a signature", [accepted, message({ signature: "§" })], "bad_signature"],
    ["after the agent's key was replaced", [registration("eu-1", { status: { publicKey: other.publicKey } }), message()], "bad_signature"],
  ])("%s is not", (_, args, reason) => expect(distrustOf(...args)).toBe(reason));
});
