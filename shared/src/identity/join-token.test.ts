import { describe, expect, it } from "vitest";
import { encodeJoinToken, type JoinToken, newSealingKey, newSigningKey, parseJoinToken, readClaims, type SigningKey, verifiedClaims } from "./mod.ts";

function jwtOf(issuer: SigningKey, claims: object): string {
  const text = [{ typ: "JWT", alg: "ed25519-nkey" }, { iss: issuer.publicKey, name: "join-eu-1", iat: 1, exp: 2, ...claims }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString("base64url")}`;
}

const hub = newSigningKey("hub").key;
const issuer = newSigningKey("agent").key;
const user = newSigningKey("agent");
const token: JoinToken = { cluster: "eu-1", servers: ["tls://nats:4222"], ca: "PEM", seed: user.seed, jwt: jwtOf(issuer, { sub: user.key.publicKey }), hubKey: hub.publicKey, hubSealingKey: newSealingKey().key.publicKey };

describe("a join token", () => {
  it("is one line, and is read back", () => {
    const line = encodeJoinToken(token);
    expect(line).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(parseJoinToken(`${line}\n`)).toEqual(token);
  });

  it.each<[string, string]>([
    ["nothing", ""],
    ["no base64url", "§§"],
    ["no JSON", Buffer.from("hunter2").toString("base64url")],
    ["another version", Buffer.from(JSON.stringify({ ...token, v: 2 })).toString("base64url")],
    ["no cluster ID", encodeJoinToken({ ...token, cluster: "EU.1" })],
    ["no seed", encodeJoinToken({ ...token, seed: "hunter2" })],
    ["another user's seed", encodeJoinToken({ ...token, seed: newSigningKey("agent").seed })],
    ["no JWT", encodeJoinToken({ ...token, jwt: "hunter2" })],
  ])("that is %s is refused by a sentence that shows nothing of it", (_name, line) => {
    expect(() => parseJoinToken(line)).toThrow(/^this is no join token, as sightline join-command prints it: /);
    expect(() => parseJoinToken(line)).not.toThrow(/hunter2|SUA/);
  });
});

describe("a JWT", () => {
  it("is believed when its issuer signed it, and as that issuer's only", () => {
    expect(verifiedClaims(token.jwt, issuer.publicKey)).toMatchObject({ sub: user.key.publicKey, name: "join-eu-1", iat: 1, exp: 2 });
    expect(verifiedClaims(token.jwt, hub.publicKey)).toBeUndefined();
    const [header, , signature] = token.jwt.split(".");
    const forged = Buffer.from(JSON.stringify({ ...readClaims(token.jwt), name: "join-us-1" })).toString("base64url");
    expect(verifiedClaims(`${header}.${forged}.${signature}`, issuer.publicKey)).toBeUndefined();
    expect(verifiedClaims(`${token.jwt}.`, issuer.publicKey)).toBeUndefined();
    for (const text of ["", ".", "a.b.c", "..", "bnVsbA.bnVsbA.bnVsbA"]) expect(verifiedClaims(text, issuer.publicKey)).toBeUndefined();
  });
});
