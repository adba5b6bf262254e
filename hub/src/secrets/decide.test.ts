import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HeaderValue, secretsState, valueOf } from "./decide.ts";
import type { HeaderFrom, Reading } from "./sources.ts";

const VAULT = { path: "api", key: "token" };
const SECRET = { name: "creds", key: "t" };
const found = (key: string, value: string): Reading => ({ kind: "found", values: new Map([[key, value]]) });
const ABSENT: Reading = { kind: "absent", reason: "does not exist" };
const DOWN: Reading = { kind: "unreachable", reason: "is not known: Vault is sealed" };

function decided(header: Omit<HeaderFrom, "name">, vault: Reading, secret: Reading = ABSENT): HeaderValue {
  return valueOf({ name: "X-Key", ...header }, "shop", ({ kind }) => (kind === "vault" ? vault : secret));
}

const resolved = (value: string, source: string): HeaderValue => ({ name: "X-Key", kind: "resolved", value, source });
const missing = (reason: string): HeaderValue => ({ name: "X-Key", kind: "missing", reason });

describe("the value of a header", () => {
  const both = { vault: VAULT, secretKeyRef: SECRET };

  it.each<[string, Omit<HeaderFrom, "name">, [Reading, Reading], HeaderValue]>([
    ["Vault's, when only Vault is named", { vault: VAULT }, [found("token", "v"), ABSENT], resolved("v", "Vault's api")],
    ["the Secret's, when only that is named", { secretKeyRef: SECRET }, [ABSENT, found("t", "s")], resolved("s", "Secret creds")],
    ["Vault's, when both have it", both, [found("token", "v"), found("t", "s")], resolved("v", "Vault's api")],
    ["the Secret's, when Vault lacks it", both, [ABSENT, found("t", "s")], resolved("s", "Secret creds")],
    ["the Secret's, when Vault lacks the key", both, [found("other", "v"), found("t", "s")], resolved("s", "Secret creds")],
    ["the Secret's, when Vault cannot be reached", both, [DOWN, found("t", "s")], resolved("s", "Secret creds")],
    ["missing, when nobody has it", both, [ABSENT, found("other", "s")], missing("Vault's api does not exist; Secret creds has no key t")],
    ["not known, when Vault cannot be reached and the Secret lacks it", both, [DOWN, ABSENT], { name: "X-Key", kind: "unreachable", reason: "Vault's api is not known: Vault is sealed; Secret creds does not exist" }],
    ["without the line's end that files have", { vault: VAULT }, [found("token", "v\n"), ABSENT], resolved("v", "Vault's api")],
    ["missing, when it is empty", { vault: VAULT }, [found("token", "\r\n"), ABSENT], missing("Vault's api has under key token an empty text")],
    ["missing, when no header can be like that", { vault: VAULT }, [found("token", "a\nb"), ABSENT], missing("Vault's api has under key token characters that a header cannot have")],
    ["missing, when it is too long", { vault: VAULT }, [found("token", "a".repeat(16_385)), ABSENT], missing("Vault's api has under key token more than 16384 characters")],
  ])("is %s", (_what, header, [vault, secret], value) => expect(decided(header, vault, secret)).toEqual(value));

  it("is in no reason, whatever it is", () => {
    const flawed = fc.string({ minLength: 8, unit: "grapheme" }).map((text) => `kanarienvogel${text}\u0000`);
    fc.assert(fc.property(flawed, (text) => !JSON.stringify(decided({ vault: VAULT }, found("token", text))).includes("kanarienvogel")));
  });
});

function state(some: (HeaderValue | undefined)[], more: { kept?: string[]; keyless?: string[] } = {}): ReturnType<typeof secretsState> {
  return secretsState({ values: some.filter((one) => one !== undefined), kept: new Set(more.kept), keyless: more.keyless ?? [] });
}

describe("SecretsResolved", () => {
  const values: HeaderValue[] = [resolved("kanarienvogel", "Vault's api"), { name: "X-Down", kind: "unreachable", reason: "Vault's b is not known: Vault is sealed" }, { name: "X-Gone", kind: "missing", reason: "Secret c does not exist" }];
  const [good, down, gone] = values;

  it.each([
    ["no secrets", state([]), ["True", "NoSecrets"], ""],
    ["all there", state([good]), ["True", "Resolved"], "X-Key from Vault's api"],
    ["one missing", state([good, gone]), ["False", "SecretNotFound"], "secret not found: X-Gone (Secret c does not exist)"],
    ["one missing and one not known", state([down, gone], { kept: ["X-Down"] }), ["False", "SecretNotFound"], "secret not found: X-Gone (Secret c does not exist). secret not read: X-Down (Vault's b is not known: Vault is sealed)"],
    ["one not known that is kept", state([good, down], { kept: ["X-Down"] }), ["Unknown", "SourceUnavailable"], "the last known values are in use. secret not read: X-Down (Vault's b is not known: Vault is sealed)"],
    ["one not known that nobody has", state([good, down]), ["False", "SourceUnavailable"], "secret not read: X-Down (Vault's b is not known: Vault is sealed)"],
    ["a cluster without a key", state([good], { keyless: ["eu-1", "us-1"] }), ["False", "NoSealingKey"], "no key to seal for eu-1, us-1: no agent has enrolled there"],
  ])("of %s says so, and never a value", (_what, said, [status, reason], message) => {
    expect(said).toEqual({ status, reason, message });
    expect(JSON.stringify(said)).not.toContain("kanarienvogel");
  });
});
