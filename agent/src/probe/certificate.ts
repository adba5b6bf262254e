import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** A chain that names itself as its issuer must not be followed for ever. */
const LONGEST_CHAIN = 10;

/** The earliest end of the certificates that the server sent, in seconds since the Unix epoch. */
export function certificateExpiry(socket: TLSSocket): number | undefined {
  let earliest = Number.POSITIVE_INFINITY;
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  for (let depth = 0; certificate !== undefined && depth < LONGEST_CHAIN; depth++) {
    earliest = Math.min(earliest, Math.floor(certificate.validToDate.getTime() / 1000));
    certificate = certificate.issuerCertificate;
  }
  return Number.isFinite(earliest) ? earliest : undefined;
}
