import { newSealingKey } from "@sightline/shared/identity";
import { openedSecret, type SealedHeader } from "@sightline/shared/wire";
import { beforeEach, describe, expect, it } from "vitest";
import { SecretSealer, type SecretKeys, type ToSeal } from "./sealer.ts";

const keys: SecretKeys = { sealing: newSealingKey().key, hmac: new Uint8Array(32).fill(7) };
const agent = newSealingKey().key;
const place = { cluster: "eu-1", uid: "u", name: "X-Key" };
const wanted = (stored?: SealedHeader, change: Partial<ToSeal> = {}): ToSeal => ({ place, recipient: agent.publicKey, origin: "vault", stored, ...change });
const opened = ({ sealed }: SealedHeader, key = agent): string | undefined => {
  const text = key.open(Buffer.from(sealed, "base64"), keys.sealing.publicKey);
  return text === undefined ? undefined : openedSecret(text, place);
};

let sealer: SecretSealer;
/** Another hub of the same installation, or the same after its restart. */
const restarted = (): SecretSealer => new SecretSealer(keys);

beforeEach(() => {
  sealer = new SecretSealer(keys);
});

describe("a sealed header", () => {
  it("is opened by its agent, in its place", () => {
    const header = sealer.seal(wanted(), "t-1");
    expect(opened(header)).toBe("t-1");
    expect(opened(header, newSealingKey().key)).toBeUndefined();
    expect(JSON.stringify(header)).not.toContain("t-1");
  });

  it("stays the same text while its value does, over a restart too", () => {
    const first = sealer.seal(wanted(), "t-1");
    expect(sealer.seal(wanted(first), "t-1")).toEqual(first);
    expect(sealer.seal(wanted(undefined), "t-1")).toEqual(first);
    expect(restarted().seal(wanted(first), "t-1")).toEqual(first);
  });

  it("is another one for another value, place or agent", () => {
    const first = sealer.seal(wanted(), "t-1");
    const others = [
      sealer.seal(wanted(first), "t-2"),
      sealer.seal(wanted(first, { recipient: newSealingKey().key.publicKey }), "t-1"),
      sealer.seal(wanted(first, { place: { ...place, cluster: "us-1" } }), "t-1"),
      sealer.seal(wanted(first, { place: { ...place, uid: "v" } }), "t-1"),
      sealer.seal(wanted(first, { place: { ...place, name: "X-Other" } }), "t-1"),
    ];
    expect(new Set([first, ...others].map(({ secretVersion }) => secretVersion)).size).toBe(6);
    expect(new Set([first, ...others].map(({ sealed }) => sealed)).size).toBe(6);
  });

  it("has a version that means nothing to whoever lacks the hub's key", () => {
    const other = new SecretSealer({ ...keys, hmac: new Uint8Array(32).fill(8) });
    expect(other.seal(wanted(), "t-1").secretVersion).not.toBe(sealer.seal(wanted(), "t-1").secretVersion);
  });

  it.each([
    ["a text that nobody can open", { sealed: "AAAA" }],
    ["an older value under the present version", { sealed: new SecretSealer(keys).seal(wanted(), "t-0").sealed }],
    ["what somebody else sealed", { sealed: new SecretSealer({ ...keys, sealing: newSealingKey().key }).seal(wanted(), "t-1").sealed }],
  ])("is made anew where the store has %s", (_what, forged) => {
    const stored = { ...sealer.seal(wanted(), "t-1"), ...forged };
    const header = restarted().seal(wanted(stored), "t-1");
    expect(header.sealed).not.toBe(stored.sealed);
    expect(opened(header)).toBe("t-1");
  });
});

describe("a header whose source cannot be asked", () => {
  it("keeps what it was, over a restart too", () => {
    const first = sealer.seal(wanted(), "t-1");
    expect(sealer.keep(wanted())).toEqual(first);
    expect(restarted().keep(wanted(first))).toEqual(first);
  });

  it.each<[string, (first: SealedHeader) => ToSeal]>([
    ["another source", (first) => wanted(first, { origin: "another" })],
    ["another agent", (first) => wanted(first, { recipient: newSealingKey().key.publicKey })],
    ["another header", (first) => wanted(first, { place: { ...place, name: "X-Other" } })],
    ["something that nobody can open", (first) => wanted({ ...first, sealed: "AAAA" })],
    ["an older value", (first) => wanted({ ...first, sealed: new SecretSealer(keys).seal(wanted(), "t-0").sealed })],
    ["nothing", () => wanted(undefined)],
  ])("keeps nothing of %s", (_whose, change) => {
    const first = sealer.seal(wanted(), "t-1");
    expect(restarted().keep(change(first))).toBeUndefined();
  });

  it("is forgotten with its monitor", () => {
    sealer.seal(wanted(), "t-1");
    sealer.forget("u");
    expect(sealer.keep(wanted())).toBeUndefined();
  });
});
