import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Stored, StoredLeaf, Validity } from "./renewal.ts";

/** A certificate with its key, as PEM texts. */
export interface KeyedCertificate {
  cert: string;
  key: string;
}

/** All that the hubs share for their webhook. */
export interface Material {
  /** The newest last. All are trusted. */
  authorities: KeyedCertificate[];
  leaf: KeyedCertificate;
}

/** What API servers trust: the certificates of all authorities. */
export function bundleOf({ authorities }: Pick<Material, "authorities">): string {
  return authorities.map(({ cert }) => cert).join("");
}

/** What is known of a material at the names that are wanted: what cannot be read counts as not there. */
export function describeMaterial(material: Partial<Material>, names: readonly string[]): { stored: Stored; authorities: KeyedCertificate[] } {
  const readable = (material.authorities ?? []).flatMap((one) => {
    const cert = readPair(one);
    return cert === undefined ? [] : [{ one, cert }];
  });
  const stored = { authorities: readable.map(({ cert }) => validityOf(cert)), leaf: describeLeaf(material.leaf, readable.map(({ cert }) => cert), names) };
  return { stored, authorities: readable.map(({ one }) => one) };
}

function describeLeaf(leaf: KeyedCertificate | undefined, authorities: readonly X509Certificate[], names: readonly string[]): StoredLeaf | undefined {
  const cert = leaf === undefined ? undefined : readPair(leaf);
  if (cert === undefined) return undefined;
  const issuer = authorities.findIndex((authority) => cert.checkIssued(authority) && cert.verify(authority.publicKey));
  const fits = names.every((name) => (isIP(name) === 0 ? cert.checkHost(name) : cert.checkIP(name)) !== undefined);
  return { ...validityOf(cert), issuer, fits };
}

/** Undefined for what is no certificate, or has another one's key. */
function readPair({ cert, key }: KeyedCertificate): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(cert);
    return certificate.checkPrivateKey(createPrivateKey(key)) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

function validityOf({ validFromDate, validToDate }: X509Certificate): Validity {
  return { from: validFromDate.getTime(), to: validToDate.getTime() };
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g;
const KEYS = /-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----\n?/g;

/** Texts by their keys in the Secret: as kubectl and openssl know them, so that one can look. */
export function secretTexts({ authorities, leaf }: Material): Record<string, string> {
  return { "ca.crt": bundleOf({ authorities }), "ca.key": authorities.map(({ key }) => key).join(""), "tls.crt": leaf.cert, "tls.key": leaf.key };
}

/** The other way; whatever is missing is left out. */
export function materialIn(texts: Readonly<Record<string, string>>): Partial<Material> {
  const keys = texts["ca.key"]?.match(KEYS) ?? [];
  const authorities = (texts["ca.crt"]?.match(CERTIFICATES) ?? []).map((cert, index) => ({ cert, key: keys[index] ?? "" }));
  const [cert, key] = [texts["tls.crt"], texts["tls.key"]];
  return { authorities, ...(cert === undefined || key === undefined ? {} : { leaf: { cert, key } }) };
}
