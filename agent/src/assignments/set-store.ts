import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, messageOf, seldom, sleep } from "@sightline/shared";
import { type CompleteSet, type IsAuthentic, isWhole } from "@sightline/shared/protocol";
import type { Logger } from "@sightline/shared/telemetry";
import { parseHead } from "@sightline/shared/wire";
import { readIfPresent, replaceFile } from "../files.ts";

/** Least time from the end of one write to the next. A big set that changes all the time would be written all the time. Milliseconds. */
const REST_MS = 1000;
const SAY_EVERY_MS = 60_000;

/** The complete set on disk, so that an agent that starts without hub and NATS goes on probing. */
export class SetStore {
  readonly #path: string;
  readonly #cluster: string;
  readonly #isAuthentic: IsAuthentic;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #say: (words: string) => boolean;
  readonly #hurry = new AbortController();
  #wanted: CompleteSet | undefined;
  #writing: Promise<void> | undefined;

  constructor(directory: string, { cluster, isAuthentic, clock, log }: { cluster: string; isAuthentic: IsAuthentic; clock: Clock; log: Logger }) {
    this.#path = join(directory, "assignments.json");
    this.#cluster = cluster;
    this.#isAuthentic = isAuthentic;
    this.#clock = clock;
    this.#log = log;
    this.#say = seldom(clock, SAY_EVERY_MS);
  }

  /** The stored set, or undefined when there is none. One that is torn, edited, another cluster's or not the hub's is set aside. */
  async load(): Promise<CompleteSet | undefined> {
    const text = await readIfPresent(this.#path);
    if (text === undefined) return undefined;
    try {
      const set = decodeSet(text);
      if (isWhole(this.#cluster, set, this.#isAuthentic)) return set;
      await this.#setAside("it does not match its head, or the hub did not sign that");
    } catch (error) {
      await this.#setAside(messageOf(error));
    }
    return undefined;
  }

  /**
   * Stores a set: at once, or a second after the last one. The newest one waits, and those between are never written. An
   * agent that is killed in that second goes on by the one before until NATS tells it more.
   */
  save(set: CompleteSet): void {
    this.#wanted = set;
    this.#writing ??= this.#write();
  }

  /** Waits for nothing any more. Resolves when what was to be stored is on disk, or cannot be stored. */
  async flush(): Promise<void> {
    this.#hurry.abort();
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let set = this.#wanted; set !== undefined; set = this.#wanted) {
      this.#wanted = undefined;
      try {
        await replaceFile(this.#path, encodeSet(set));
      } catch (error) {
        if (this.#say(messageOf(error))) this.#log.warn("The assignment set could not be stored; a restart would go on with an older one", { error: messageOf(error) });
        // Tried again, as long as there is time.
        if (!this.#hurry.signal.aborted) this.#wanted ??= set;
      }
      await sleep(this.#clock, REST_MS, this.#hurry.signal);
    }
    this.#writing = undefined;
  }

  async #setAside(reason: string): Promise<void> {
    this.#log.warn("The stored assignment set is not usable and was set aside", { reason });
    await rename(this.#path, `${this.#path}.unusable`);
  }
}

/** JSON: the head and each payload byte for byte as they were stored, since signature and checksum are over bytes. */
function encodeSet({ signed, payloads }: CompleteSet): string {
  const assignments = [...payloads].map(([subject, payload]) => [subject, base64Of(payload)]);
  return JSON.stringify({ head: base64Of(signed.payload), signature: signed.signature, assignments });
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** @throws when the text is not what encodeSet writes. */
function decodeSet(text: string): CompleteSet {
  const stored: unknown = JSON.parse(text);
  if (!isStoredSet(stored)) throw new TypeError("it is not an assignment set");
  const payloads = new Map(stored.assignments.map(([subject, payload]) => [subject, Buffer.from(payload, "base64")]));
  const head = Buffer.from(stored.head, "base64");
  return { head: parseHead(head), signed: { payload: head, signature: stored.signature }, payloads };
}

function isStoredSet(value: unknown): value is { head: string; signature: string; assignments: [string, string][] } {
  if (typeof value !== "object" || value === null || !("head" in value) || !("signature" in value) || !("assignments" in value)) return false;
  return typeof value.head === "string" && typeof value.signature === "string" && Array.isArray(value.assignments) && value.assignments.every(isPair);
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "string");
}
