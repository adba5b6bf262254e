import { newSealingKey } from "@sightline/shared/identity";
import { type Assignment, openedSecret, type SealedHeader, secretText } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import { type Opener, SecretHeaders } from "./secret-headers.ts";

const UID = "00000000-0000-4000-8000-000000000001";
const OTHER = "00000000-0000-4000-8000-000000000002";
const hub = newSealingKey().key;
const agent = newSealingKey().key;
const opener: Opener = { open: (sealed) => agent.open(sealed, hub.publicKey) };

function sealed(change: Partial<Parameters<typeof secretText>[0]> = {}, { from = hub, to = agent.publicKey } = {}): SealedHeader {
  const text = secretText({ cluster: "eu-1", uid: UID, name: "Authorization", value: "Bearer 1234", ...change });
  return { name: change.name ?? "Authorization", sealed: Buffer.from(from.seal(text, to)).toString("base64"), secretVersion: "1", origin: "1" };
}

function assignment(sealedHeaders: SealedHeader[], secretHeaders = ["Authorization"]): Assignment {
  const check = { url: "http://a/", method: "GET", headers: {}, secretHeaders, intervalMs: 1000, timeoutMs: 1000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh" as const };
  return { uid: UID, namespace: "shop", name: "cart", checkHash: "1", check, suspend: false, sealedHeaders };
}

const headers = (open: Opener | undefined = opener): SecretHeaders => new SecretHeaders({ cluster: "eu-1", opener: () => open });
const NOT_OURS = { problem: "the value of header Authorization was not sealed to this agent" };

describe("the secret headers of an assignment", () => {
  it("are opened", () => {
    expect(headers().of(assignment([sealed()]))).toEqual({ values: { Authorization: "Bearer 1234" } });
    expect(headers().of(assignment([], []))).toEqual({ values: {} });
  });

  it("are opened once for each assignment", () => {
    let opened = 0;
    const counting = headers({ open: (text) => (opened++, opener.open(text)) });
    const one = assignment([sealed()]);
    expect([counting.of(one), counting.of(one), opened]).toEqual([counting.of(one), counting.of(one), 1]);
  });

  it("are all needed: what the check names decides, not what came with it", () => {
    expect(headers().of(assignment([]))).toEqual({ problem: "secret not found: Authorization" });
    expect(headers().of(assignment([sealed()], ["Authorization", "X-Key"]))).toEqual({ problem: "secret not found: X-Key" });
    expect(headers().of(assignment([sealed({ name: "X-Other" })], []))).toEqual({ values: {} });
  });

  it.each([
    ["another monitor", sealed({ uid: OTHER })],
    ["another cluster", sealed({ cluster: "us-1" })],
    ["another header", { ...sealed({ name: "X-Key" }), name: "Authorization" }],
    ["another agent", sealed({}, { to: newSealingKey().key.publicKey })],
    ["by somebody else", sealed({}, { from: newSealingKey().key })],
    ["never", { ...sealed(), sealed: "AAAA" }],
    ["as something else", { ...sealed(), sealed: Buffer.from(hub.seal(new TextEncoder().encode("[]"), agent.publicKey)).toString("base64") }],
  ])("are not used when they were sealed for %s", (_whom, header) => {
    expect(headers().of(assignment([header]))).toEqual(NOT_OURS);
  });

  it("are opened as soon as the agent has its key", () => {
    const keys: Opener[] = [];
    const late = new SecretHeaders({ cluster: "eu-1", opener: () => keys[0] });
    const one = assignment([sealed()]);
    expect(late.of(one)).toEqual(NOT_OURS);
    keys.push(opener);
    expect(late.of(one)).toEqual({ values: { Authorization: "Bearer 1234" } });
  });

  it("tell nothing of what they opened to when it is not theirs", () => {
    const opened = agent.open(Buffer.from(sealed({ uid: OTHER }).sealed, "base64"), hub.publicKey);
    expect(openedSecret(opened ?? new Uint8Array(), { cluster: "eu-1", uid: UID, name: "Authorization" })).toBeUndefined();
  });
});
