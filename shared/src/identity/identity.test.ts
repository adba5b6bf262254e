import { nkeys } from "nats";
import { describe, expect, it } from "vitest";
import { isMessageSignedBy, isSignedBy, newSealingKey, newSigningKey, sealingKeyOf, signingKeyOf, signMessage } from "./mod.ts";

const text = new TextEncoder().encode("what is said");

describe("a signing key", () => {
  it.each(["agent", "hub"] as const)("of an %s says what NATS' own arithmetic says", (owner) => {
    const { seed, key } = newSigningKey(owner);
    const pair = nkeys.fromSeed(new TextEncoder().encode(seed));
    expect(key.publicKey).toBe(pair.getPublicKey());
    expect(key.publicKey[0]).toBe(owner === "agent" ? "U" : "N");
    expect(Buffer.from(key.sign(text)).equals(pair.sign(text))).toBe(true);
    expect(isSignedBy(key.publicKey, text, pair.sign(text))).toBe(true);
  });

  it("is not taken for another one, and what is no key or no signature is refused without a fuss", () => {
    const { key } = newSigningKey("agent");
    const other = newSigningKey("agent").key;
    const signature = key.sign(text);
    expect(isSignedBy(other.publicKey, text, signature)).toBe(false);
    expect(isSignedBy(key.publicKey, text.subarray(1), signature)).toBe(false);
    expect(isSignedBy(key.publicKey, text, signature.subarray(1))).toBe(false);
    for (const wrong of ["", "U", "no key", `${key.publicKey.slice(0, -1)}A`, key.publicKey.toLowerCase(), `${key.publicKey}A`]) {
      if (wrong !== key.publicKey) expect(isSignedBy(wrong, text, signature), wrong).toBe(false);
    }
  });

  it.each(["", "SU", "no seed"])("is not made from %j", (seed) => {
    expect(() => signingKeyOf(seed)).toThrow("this is no seed of a NATS key");
    expect(() => sealingKeyOf(seed)).toThrow("this is no seed of a NATS curve key");
  });
});

describe("a message's signature", () => {
  it("holds for its subject, its bytes and its key only", () => {
    const { key } = newSigningKey("hub");
    const signature = signMessage(key, "hb.eu-1", text);
    expect(isMessageSignedBy(key.publicKey, "hb.eu-1", text, signature)).toBe(true);
    expect(isMessageSignedBy(key.publicKey, "hb.eu-2", text, signature)).toBe(false);
    expect(isMessageSignedBy(key.publicKey, "hb.eu-1", new Uint8Array(), signature)).toBe(false);
    expect(isMessageSignedBy(newSigningKey("hub").key.publicKey, "hb.eu-1", text, signature)).toBe(false);
    expect(isMessageSignedBy(key.publicKey, "hb.eu-1", text, undefined)).toBe(false);
    expect(isMessageSignedBy(key.publicKey, "hb.eu-1", text, "§")).toBe(false);
  });
});

describe("a sealed text", () => {
  it("is opened by its recipient, and only as its sender's", () => {
    const [hub, agent, other] = [newSealingKey(), newSealingKey(), newSealingKey()];
    const sealed = hub.key.seal(text, agent.key.publicKey);
    expect(sealingKeyOf(agent.seed).open(sealed, hub.key.publicKey)).toEqual(text);
    expect(agent.key.open(sealed, other.key.publicKey)).toBeUndefined();
    expect(other.key.open(sealed, hub.key.publicKey)).toBeUndefined();
    expect(agent.key.open(sealed.subarray(0, 10), hub.key.publicKey)).toBeUndefined();
    expect(agent.key.open(sealed, "no key")).toBeUndefined();
  });
});
