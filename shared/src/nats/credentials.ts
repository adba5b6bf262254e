import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { nkeys } from "nats";
import { messageOf, SightlineError } from "../errors.ts";

/** The key in a seed file, which may be exchanged while we run. */
export class Key {
  readonly #file: string;
  #seed: Uint8Array;

  /** @throws SightlineError NATS_FILE_UNREADABLE */
  constructor(file: string) {
    this.#file = file;
    this.#seed = readSeed(file);
  }

  get seed(): Uint8Array {
    return this.#seed;
  }

  /** Reads the file again; one that is no seed at this moment is passed over. @returns whether the key is another one. */
  renew(): boolean {
    const former = Buffer.from(this.#seed);
    try {
      this.#seed = readSeed(this.#file);
    } catch {
      // It may be half written. Whoever asks has a key that may still do.
    }
    return !former.equals(this.#seed);
  }
}

/** @throws SightlineError NATS_FILE_UNREADABLE, with a sentence that names the file. */
export function readSeed(file: string): Uint8Array {
  // Editors and shells end a file with a line break, which is no part of the seed.
  const seed = Buffer.from(read("NKey seed file", file).toString("latin1").trim(), "latin1");
  try {
    nkeys.fromSeed(seed);
  } catch (cause) {
    throw unreadable(`the NKey seed file ${file} is no NKey seed`, cause);
  }
  return seed;
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
