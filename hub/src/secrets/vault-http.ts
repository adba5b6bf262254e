import { messageOf, SightlineError } from "@sightline/shared";
import got, { type Got, RequestError } from "got";
import { field, jsonIn, listField } from "../kube/raw.ts";
import type { VaultConfig } from "./vault-config.ts";

export type VaultErrorCode =
  /** Vault cannot be reached, is sealed or overloaded: it may work later. */
  | "VAULT_UNAVAILABLE"
  /** Vault answers, and refuses. */
  | "VAULT_REFUSED";

/** Why Vault gave nothing. Its sentence is a clause that follows "Vault", and never holds anything of an answer but its errors. */
export class VaultError extends SightlineError<VaultErrorCode> {
  override readonly name = "VaultError";
}

export interface VaultAnswer {
  statusCode: number;
  /** Parsed JSON; undefined when it was none. */
  body: unknown;
}

/** One try. Milliseconds. */
const TIMEOUT_MS = 3000;
/** Between two tries. Milliseconds. */
const RETRY_AFTER_MS = 250;
const RETRIED = [412, 429, 500, 502, 504];

/** Talks to Vault's HTTP API: JSON in, JSON out, each request tried twice where that may help. */
export class VaultHttp {
  readonly #http: Got;

  constructor({ address, namespace, ca }: Pick<VaultConfig, "address" | "namespace" | "ca">) {
    this.#http = got.extend({
      prefixUrl: address,
      headers: { "x-vault-request": "true", ...(namespace === undefined ? {} : { "x-vault-namespace": namespace }) },
      https: ca === undefined ? {} : { certificateAuthority: ca },
      timeout: { request: TIMEOUT_MS },
      retry: { limit: 1, methods: ["GET", "POST"], statusCodes: RETRIED, calculateDelay: ({ computedValue }) => (computedValue === 0 ? 0 : RETRY_AFTER_MS) },
      throwHttpErrors: false,
      // A token goes to nobody but whom it was given for.
      followRedirect: false,
      // Parsed here: got's own error of a body that does not parse shows a part of it.
      responseType: "text",
    });
  }

  /** @throws VaultError VAULT_UNAVAILABLE when nobody answers, or Vault says that it cannot. */
  async ask(method: "GET" | "POST", path: string, { token, json }: { token?: string; json?: object } = {}): Promise<VaultAnswer> {
    const answer = await this.#send(method, path, { ...(token === undefined ? {} : { headers: { "x-vault-token": token } }), ...(json === undefined ? {} : { json }) });
    const { statusCode } = answer;
    if (statusCode >= 300 && statusCode < 400) throw new VaultError("VAULT_UNAVAILABLE", `redirects (HTTP ${statusCode}): --vault-addr must name the active server, or what leads to it`, { retryable: true });
    if (statusCode === 503 && errorsIn(answer).some((text) => /sealed/i.test(text))) throw new VaultError("VAULT_UNAVAILABLE", "is sealed", { retryable: true });
    if (statusCode >= 500 || RETRIED.includes(statusCode)) throw new VaultError("VAULT_UNAVAILABLE", `answers HTTP ${statusCode}`, { retryable: true });
    return answer;
  }

  async #send(method: "GET" | "POST", path: string, options: { headers?: Record<string, string>; json?: object }): Promise<VaultAnswer> {
    try {
      const { statusCode, body } = await this.#http(path, { method, ...options });
      return { statusCode, body: jsonIn(body) };
    } catch (error) {
      // Without the cause: got's errors carry the request, with its token.
      throw new VaultError("VAULT_UNAVAILABLE", `cannot be reached: ${error instanceof RequestError ? error.code : messageOf(error)}`, { retryable: true });
    }
  }
}

/** Vault's own sentences in an answer that is an error; they name paths and reasons. */
export function errorsIn({ body }: VaultAnswer): string[] {
  return listField(body, "errors").filter((text) => typeof text === "string");
}

/** A field of a field. */
export function inner(value: unknown, ...names: string[]): unknown {
  return names.reduce<unknown>((part, name) => field(part, name), value);
}
