// oxlint-disable-next-line import/no-unassigned-import -- x509's injector needs the Reflect metadata API before it is loaded.
import "reflect-metadata";
import { createPrivateKey, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { KeyedCertificate } from "./material.ts";
import { AUTHORITY_LIFE_MS, CLOCK_SLACK_MS, LEAF_LIFE_MS, type Validity } from "./renewal.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** An authority for the webhook's certificates and nothing else. Its name is its own: of two with one name a verifier might try the wrong one. */
export async function issueAuthority(now: number, validity: Validity = { from: now - CLOCK_SLACK_MS, to: now + AUTHORITY_LIFE_MS }): Promise<KeyedCertificate> {
  const keys = await keyPair();
  const cert = await X509CertificateGenerator.createSelfSigned({
    ...datesOf(validity),
    serialNumber: serialNumber(),
    name: `CN=sightline-webhook-ca-${randomBytes(4).toString("hex")}`,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)],
  });
  return { cert: pem(cert), key: await privatePem(keys) };
}

/** The hubs' serving certificate, for host names or addresses. It never outlives its authority. */
export async function issueLeaf(authority: KeyedCertificate, names: readonly string[], now: number, validity: Validity = { from: now - CLOCK_SLACK_MS, to: now + LEAF_LIFE_MS }): Promise<KeyedCertificate> {
  const [keys, issuer] = [await keyPair(), new X509Certificate(authority.cert)];
  const cert = await X509CertificateGenerator.create({
    ...datesOf({ from: validity.from, to: Math.min(validity.to, issuer.notAfter.getTime()) }),
    serialNumber: serialNumber(),
    subject: "CN=sightline-webhook",
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      // The loopback too: by it a hub asks itself whether it answers.
      new SubjectAlternativeNameExtension([...new Set([...names, "127.0.0.1", "localhost"])].map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }))),
    ],
  });
  return { cert: pem(cert), key: await privatePem(keys) };
}

function datesOf({ from, to }: Validity): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(from), notAfter: new Date(to) };
}

/** 127 bits: a number that is positive, and nobody else's. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function signingKey({ key }: KeyedCertificate): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(key).export({ format: "der", type: "pkcs8" });
  return await webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
}

async function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey({ name: ALGORITHM.name, namedCurve: ALGORITHM.namedCurve }, true, ["sign", "verify"]);
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY").trimEnd()}\n`;
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem").trimEnd()}\n`;
}
