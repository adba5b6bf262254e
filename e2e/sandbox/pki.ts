/** The sandbox's own certificate authority, and what it issues. */
// oxlint-disable-next-line import/no-unassigned-import -- x509's injector needs the Reflect metadata API before it is loaded.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import path from "node:path";

import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

import { writeWhole } from "./file.ts";

/** A certificate and its key as PEM texts, and the files that hold them (the key's mode is 0600). */
export interface Leaf {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Authority {
  readonly caFile: string;
  readonly ca: string;
  /** Issues a leaf that is valid for the loopback's names. `name` is its file name, `subject` an RFC 4514 name. */
  issue(name: string, subject: string, usage: "server" | "client" | "both"): Promise<Leaf>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_MS = 3_600_000;
const VALID_MS = 365 * 24 * HOUR_MS;

/** A new authority with its certificate in `dir`. Its key never leaves this process. */
export async function createAuthority(dir: string): Promise<Authority> {
  const keys = await keyPair();
  const issuer = "CN=sightline-sandbox";
  const cert = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: issuer,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)],
  });
  const ca = cert.toString("pem");
  const caFile = path.join(dir, "ca.crt");
  await writeWhole(caFile, ca);
  const issue: Authority["issue"] = async (name, subject, usage) => {
    const own = await keyPair();
    const leaf = await X509CertificateGenerator.create({
      ...validity(),
      subject,
      issuer,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: leafExtensions(usage),
    });
    return await writeLeaf(path.join(dir, name), leaf.toString("pem"), await privatePem(own));
  };
  return { caFile, ca, issue };
}

/** A key pair without a certificate: what kube-apiserver signs and checks ServiceAccount tokens with. */
export async function createSigningKey(dir: string, name: string): Promise<{ readonly privateFile: string; readonly publicFile: string }> {
  const keys = await keyPair();
  const files = { privateFile: path.join(dir, `${name}.key`), publicFile: path.join(dir, `${name}.pub`) };
  await writeWhole(files.privateFile, await privatePem(keys), 0o600);
  await writeWhole(files.publicFile, PemConverter.encode(await webcrypto.subtle.exportKey("spki", keys.publicKey), "PUBLIC KEY"));
  return files;
}

async function writeLeaf(base: string, cert: string, key: string): Promise<Leaf> {
  const leaf = { cert, key, certFile: `${base}.crt`, keyFile: `${base}.key` };
  await Promise.all([writeWhole(leaf.certFile, cert), writeWhole(leaf.keyFile, key, 0o600)]);
  return leaf;
}

function leafExtensions(usage: "server" | "client" | "both"): (ExtendedKeyUsageExtension | KeyUsagesExtension | SubjectAlternativeNameExtension)[] {
  const usages = [...(usage === "client" ? [] : [ExtendedKeyUsage.serverAuth]), ...(usage === "server" ? [] : [ExtendedKeyUsage.clientAuth])];
  const names = [
    { type: "ip", value: "127.0.0.1" },
    { type: "dns", value: "localhost" },
  ] as const;
  return [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(usages),
    ...(usage === "client" ? [] : [new SubjectAlternativeNameExtension([...names])]),
  ];
}

/** From an hour ago: clocks of one machine agree, but not always with what a virtual machine wakes up to. */
function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - HOUR_MS), notAfter: new Date(now + VALID_MS) };
}

async function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey({ name: ALGORITHM.name, namedCurve: ALGORITHM.namedCurve }, true, ["sign", "verify"]);
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
}
