import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Server as HttpsServer } from "node:https";
import { type Clock, messageOf, SightlineError, sleep } from "@sightline/shared";
import { type Logger, reasonFields } from "@sightline/shared/telemetry";
import type { FastifyInstance } from "fastify";
import { type ServerTls, tlsOptions } from "./http-server.ts";

/** Where a listener's certificate and its key lie, PEM. */
export interface TlsFiles {
  certFile: string;
  keyFile: string;
}

/** Both files that flags name, or neither. @param half is told of one without the other, and does not return. */
export function pairOf({ certFile, keyFile }: { [file in keyof TlsFiles]: string | undefined }, half: () => never): TlsFiles | undefined {
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  return certFile === undefined && keyFile === undefined ? undefined : half();
}

/** How often the files are looked at: a Secret's new content reaches a pod within a minute anyway. Milliseconds. */
const LOOK_MS = 10_000;

export type TlsFileErrorCode = "TLS_FILE_UNREADABLE";

/** A certificate or key file is of no use. Documented in docs/reference/errors.md. */
export class TlsFileError extends SightlineError<TlsFileErrorCode> {
  override readonly name = "TlsFileError";
}

/** Reads both files. @throws TlsFileError with a sentence that names the file, also when the key is another certificate's. */
export async function readTlsFiles({ certFile, keyFile }: TlsFiles): Promise<ServerTls> {
  const cert = await read(certFile);
  const key = await read(keyFile);
  const certificate = part(certFile, "certificate", () => new X509Certificate(cert));
  const privateKey = part(keyFile, "private key", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) throw new TlsFileError("TLS_FILE_UNREADABLE", `${keyFile} is not the key of the certificate in ${certFile}`);
  return { cert, key };
}

/**
 * Gives a server that listens the files' new content whenever it changes: connections that stand go on with the old one.
 * What cannot be read is told once, and what serves goes on. Resolves when `signal` aborts.
 */
export async function followTlsFiles(server: FastifyInstance, options: { files: TlsFiles; inForce: ServerTls; clock: Clock; logger: Logger }, signal: AbortSignal): Promise<void> {
  const { files, clock, logger } = options;
  let { inForce } = options;
  let trouble = "";
  for (;;) {
    await sleep(clock, LOOK_MS, signal);
    if (signal.aborted) return;
    try {
      const found = await readTlsFiles(files);
      trouble = "";
      if (found.cert === inForce.cert && found.key === inForce.key) continue;
      if (server.server instanceof HttpsServer) server.server.setSecureContext(tlsOptions(found));
      inForce = found;
      logger.info("A listener has a new certificate", { file: files.certFile });
    } catch (error) {
      // Half written, or half exchanged: most often the next look finds both.
      if (messageOf(error) !== trouble) logger.warn("A listener keeps its certificate: the new one is of no use", reasonFields(error));
      trouble = messageOf(error);
    }
  }
}

function part<T>(file: string, what: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new TlsFileError("TLS_FILE_UNREADABLE", `${file} holds no ${what} in PEM`, { cause });
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new TlsFileError("TLS_FILE_UNREADABLE", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
