import { type Clock, messageOf } from "@sightline/shared";
import { type Logger, reasonFields } from "@sightline/shared/telemetry";
import type { Reading, SecretObject } from "./sources.ts";
import { type VaultConfig, vaultPath } from "./vault-config.ts";
import { errorsIn, inner, type VaultAnswer, VaultError, VaultHttp } from "./vault-http.ts";
import { type VaultTokens, vaultTokens } from "./vault-tokens.ts";

/** For how long Vault is not asked again after it could not be reached: thousands of reads would each wait in vain. Milliseconds. */
const PAUSE_MS = 5000;

/** Reads secrets of Vault's KV engine, version 2. */
export class Vault {
  readonly #prefix: string;
  readonly #http: VaultHttp;
  readonly #tokens: VaultTokens;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #down: { until: number; reason: string } | undefined;

  constructor(config: VaultConfig, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#prefix = config.prefix;
    this.#http = new VaultHttp(config);
    this.#tokens = vaultTokens(config.auth, this.#http, clock);
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Reads what a monitor of a namespace names. Never rejects. */
  async read({ namespace, name }: SecretObject): Promise<Reading> {
    const path = vaultPath(this.#prefix, namespace, name);
    if (path === undefined) return { kind: "absent", reason: "is no path that a monitor may name" };
    if (this.#down !== undefined && this.#clock.monotonic() < this.#down.until) return { kind: "unreachable", reason: this.#down.reason };
    try {
      const reading = readingIn(await this.#get(path));
      this.#isUp();
      return reading;
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      return { kind: "unreachable", reason: this.#isDown(error) };
    }
  }

  /** A token that is refused may have ended just now: the next one is tried, when it is another one. */
  async #get(path: string): Promise<VaultAnswer> {
    const token = await this.#tokens.token();
    const answer = await this.#http.ask("GET", path, { token });
    if (answer.statusCode !== 403) return answer;
    this.#tokens.refused(token);
    const next = await this.#tokens.token();
    return next === token ? answer : await this.#http.ask("GET", path, { token: next });
  }

  #isDown(error: VaultError): string {
    const reason = `is not known: Vault ${error.message}`;
    if (this.#down === undefined) this.#logger.warn("Vault cannot be read", { ...reasonFields(error), ...(error.cause === undefined ? {} : { cause: messageOf(error.cause) }) });
    this.#down = { until: this.#clock.monotonic() + PAUSE_MS, reason };
    return reason;
  }

  #isUp(): void {
    if (this.#down !== undefined) this.#logger.info("Vault can be read again");
    this.#down = undefined;
  }
}

/** What an answer of the KV engine says. Vault answers 404 for what is not there and for what was deleted, and for an engine that is not there, with a sentence. */
function readingIn(answer: VaultAnswer): Reading {
  const { statusCode, body } = answer;
  if (statusCode === 403) return { kind: "unreachable", reason: "may not be read by the hub: Vault denies it" };
  if (statusCode === 404) return { kind: "absent", reason: errorsIn(answer).length === 0 ? "does not exist" : "does not exist: no KV engine answers there" };
  const data = inner(body, "data", "data");
  if (statusCode === 200 && typeof data === "object" && data !== null) return { kind: "found", values: new Map(Object.entries(data).flatMap(([key, value]) => textOf(key, value))) };
  return { kind: "unreachable", reason: `is not known: Vault answers HTTP ${statusCode} without a secret of a KV engine, version 2` };
}

function textOf(key: string, value: unknown): [string, string][] {
  return typeof value === "string" ? [[key, value]] : typeof value === "number" || typeof value === "boolean" ? [[key, String(value)]] : [];
}
