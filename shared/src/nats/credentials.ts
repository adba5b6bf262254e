import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { nkeys } from "nats";
import { messageOf, SightlineError } from "../errors.ts";

/** What a client shows a server: a user JWT, and the seed of the key that it names. */
export interface Credentials {
  readonly jwt: string;
  readonly seed: Uint8Array;
}

/** Credentials that may be exchanged while a connection lives. */
export interface LiveCredentials {
  /** As last read. */
  readonly current: Credentials;
  /** Looks whether there are others. Never throws: what was there may still do. @returns whether there are. */
  renew(): boolean;
}

/** Opens credentials, at each attempt to connect. @throws SightlineError NATS_FILE_UNREADABLE */
export type CredentialSource = () => LiveCredentials;

/** A file of NATS' own form (`-----BEGIN NATS USER JWT-----`), which may be exchanged while we run. */
export function credsFile(file: string): CredentialSource {
  return () => {
    let current = readCreds(file);
    return {
      get current() {
        return current;
      },
      renew: () => {
        const former = current;
        try {
          current = readCreds(file);
        } catch {
          // It may be half written.
        }
        return former.jwt !== current.jwt || !Buffer.from(former.seed).equals(current.seed);
      },
    };
  };
}

/** Two blocks between lines of dashes: the JWT, and the seed. */
const BLOCKS = /-{3,}[^\n]*-{3,}\s*\n\s*([A-Za-z0-9_.-]+)\s*\n\s*-{3,}[^\n]*-{3,}/g;

/** @throws SightlineError NATS_FILE_UNREADABLE, with a sentence that names the file. */
export function readCreds(file: string): Credentials {
  const [jwt, seedText] = [...read("NATS credentials file", file).toString("latin1").matchAll(BLOCKS)].map((match) => match[1]);
  if (jwt === undefined || seedText === undefined || jwt.split(".").length !== 3) throw unreadable(`the NATS credentials file ${file} holds no credentials (a user JWT and its seed)`, undefined);
  const seed = Buffer.from(seedText, "latin1");
  try {
    nkeys.fromSeed(seed);
  } catch (cause) {
    throw unreadable(`the NATS credentials file ${file} holds no credentials (a user JWT and its seed)`, cause);
  }
  return { jwt, seed };
}

/** @throws SightlineError NATS_FILE_UNREADABLE, with a sentence that names the file. */
export function checkAuthority(file: string): X509Certificate {
  const pem = read("NATS CA file", file);
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw unreadable(`the NATS CA file ${file} holds no certificate`, cause);
  }
}

/** Not awaited, because the client asks for the key in the midst of connecting. The files are small. */
function read(what: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw unreadable(`the ${what} ${file} cannot be read: ${messageOf(cause)}`, cause);
  }
}

/** Such a file may be mended, or appear, while a part runs. */
function unreadable(sentence: string, cause: unknown): SightlineError {
  return new SightlineError("NATS_FILE_UNREADABLE", sentence, { cause, retryable: true });
}
