/** Certificates for tests: authorities that live as long as one test file, and what they issue. */
// oxlint-disable-next-line import/no-unassigned-import -- x509's injector needs the Reflect metadata API before it is loaded.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import { systemClock } from "@sightline/shared";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

export interface IssuedCertificate {
  /** PEM. */
  key: string;
  certificate: string;
  /** Seconds since the Unix epoch. */
  expiresAt: number;
}

export interface Authority {
  /** The authority's own certificate, PEM. */
  pem: string;
  /** Issues a certificate for a host name that ends in so many days; negative: it has ended already. */
  issue(host: string, days: number): Promise<IssuedCertificate>;
}

export async function issueAuthority(name: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const own = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: inDays(-30),
    notAfter: inDays(365),
    extensions: [new BasicConstraintsExtension(true, 1, true)],
  });
  return { pem: own.toString("pem"), issue: (host, days) => issue({ subject: own.subject, key: keys.privateKey }, host, days) };
}

async function issue(issuer: { subject: string; key: webcrypto.CryptoKey }, host: string, days: number): Promise<IssuedCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const notAfter = inDays(days);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${host}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    signingAlgorithm: ALGORITHM,
    notBefore: inDays(-20),
    notAfter,
    extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: host }])],
  });
  return { key: await privatePem(keys.privateKey), certificate: certificate.toString("pem"), expiresAt: Math.floor(notAfter.getTime() / 1000) };
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`;
}

function inDays(days: number): Date {
  return new Date(systemClock.now() + days * DAY_MS);
}
