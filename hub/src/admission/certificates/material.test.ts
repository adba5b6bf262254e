import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { issueAuthority, issueLeaf } from "./issue.ts";
import { bundleOf, describeMaterial, type Material, materialIn, secretTexts } from "./material.ts";
import { AUTHORITY_LIFE_MS, LEAF_LIFE_MS } from "./renewal.ts";

const NOW = Date.UTC(2026, 5, 1);
const NAMES = ["sightline.sightline-system.svc", "192.0.2.7", "2001:db8::7"];

async function material(): Promise<Material> {
  const authorities = [await issueAuthority(NOW), await issueAuthority(NOW)];
  return { authorities, leaf: await issueLeaf(authorities[1] ?? { cert: "", key: "" }, NAMES, NOW) };
}

describe("the webhook's certificates", () => {
  it("come out of a Secret as they went in, and are known for what they are", async () => {
    const made = await material();
    const read = materialIn(secretTexts(made));
    expect(read).toEqual(made);
    const { stored } = describeMaterial(read, [...NAMES, "127.0.0.1", "localhost"]);
    expect(stored.leaf).toMatchObject({ issuer: 1, fits: true, to: NOW + LEAF_LIFE_MS });
    expect(stored.authorities.map(({ to }) => to)).toEqual([NOW + AUTHORITY_LIFE_MS, NOW + AUTHORITY_LIFE_MS]);
  });

  it("are for serving alone, and an authority for signing alone", async () => {
    const { authorities, leaf } = await material();
    const cert = new X509Certificate(leaf.cert);
    expect([cert.ca, cert.keyUsage]).toEqual([false, ["1.3.6.1.5.5.7.3.1"]]);
    expect(new X509Certificate(authorities[0]?.cert ?? "").ca).toBe(true);
    expect(createPrivateKey(leaf.key).asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
  });

  it("never outlive their authority", async () => {
    const end = NOW + 1_000_000;
    const authority = await issueAuthority(NOW, { from: NOW, to: end });
    expect(new X509Certificate((await issueLeaf(authority, NAMES, NOW)).cert).validToDate.getTime()).toBe(end);
  });

  it("do not fit another name, another authority, another key; what cannot be read is not there", async () => {
    const [made, other] = [await material(), await material()];
    expect(describeMaterial(made, ["elsewhere.example.com"]).stored.leaf).toMatchObject({ fits: false });
    expect(describeMaterial({ ...made, authorities: other.authorities }, NAMES).stored.leaf).toMatchObject({ issuer: -1 });
    expect(describeMaterial({ ...made, leaf: { ...made.leaf, key: other.leaf.key } }, NAMES).stored.leaf).toBeUndefined();
    for (const text of ["", "no PEM", bundleOf(made).slice(0, 300)]) {
      expect(describeMaterial(materialIn({ "ca.crt": text, "ca.key": text, "tls.crt": text, "tls.key": text }), NAMES).stored).toEqual({ authorities: [], leaf: undefined });
    }
  });
});
