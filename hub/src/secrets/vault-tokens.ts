import { readFile } from "node:fs/promises";
import type { Clock } from "@sightline/shared";
import type { VaultAuth } from "./vault-config.ts";
import { inner, type VaultAnswer, VaultError, type VaultHttp } from "./vault-http.ts";

/** Whose token the hub reads Vault by. */
export interface VaultTokens {
  /** @throws VaultError */
  token(): Promise<string>;
  /** Vault refused this one: perhaps it has ended, and the next one will do. */
  refused(token: string): void;
}

export function vaultTokens(auth: VaultAuth, http: VaultHttp, clock: Clock): VaultTokens {
  return auth.kind === "token" ? { token: () => tokenIn(auth.file), refused: () => undefined } : new LoginTokens(auth, http, clock);
}

interface Held {
  token: string;
  takenAt: number;
  /** 0 for a token without end. */
  leaseMs: number;
  renewable: boolean;
}

/** A token is not taken for worn out before it is this old: what it may not read, a new one may not read either. Milliseconds. */
const FRESH_MS = 60_000;

/** Tokens by Vault's Kubernetes auth method: renewed at half of their time, and taken anew where that fails. */
class LoginTokens implements VaultTokens {
  readonly #auth: Extract<VaultAuth, { kind: "kubernetes" }>;
  readonly #http: VaultHttp;
  readonly #clock: Clock;
  #held: Held | undefined;
  #taking: Promise<Held> | undefined;

  constructor(auth: Extract<VaultAuth, { kind: "kubernetes" }>, http: VaultHttp, clock: Clock) {
    this.#auth = auth;
    this.#http = http;
    this.#clock = clock;
  }

  async token(): Promise<string> {
    const held = this.#held;
    if (held !== undefined && !this.#isDue(held)) return held.token;
    this.#taking ??= this.#take(held).finally(() => (this.#taking = undefined));
    this.#held = await this.#taking;
    return this.#held.token;
  }

  refused(token: string): void {
    const held = this.#held;
    if (held?.token === token && this.#clock.monotonic() - held.takenAt > FRESH_MS) this.#held = undefined;
  }

  #isDue({ takenAt, leaseMs }: Held): boolean {
    return leaseMs > 0 && this.#clock.monotonic() - takenAt >= leaseMs / 2;
  }

  /** Renewing leaves one lease in Vault where logging in each time would leave many. What has nearly reached its longest life is not renewed again. */
  async #take(held: Held | undefined): Promise<Held> {
    const renewed = held?.renewable === true ? await this.#renew(held) : undefined;
    return renewed !== undefined && renewed.leaseMs > (held?.leaseMs ?? 0) / 2 ? renewed : await this.#login();
  }

  async #renew({ token }: Held): Promise<Held | undefined> {
    return this.#heldIn(await this.#http.ask("POST", "v1/auth/token/renew-self", { token, json: {} }));
  }

  async #login(): Promise<Held> {
    const { mount, role, tokenFile } = this.#auth;
    const answer = await this.#http.ask("POST", `v1/auth/${mount}/login`, { json: { role, jwt: await tokenIn(tokenFile) } });
    const held = this.#heldIn(answer);
    if (held === undefined) throw new VaultError("VAULT_REFUSED", `refuses the hub's login as role ${role} at auth/${mount} (HTTP ${answer.statusCode})`, { retryable: true });
    return held;
  }

  #heldIn({ statusCode, body }: VaultAnswer): Held | undefined {
    const [token, seconds, renewable] = [inner(body, "auth", "client_token"), inner(body, "auth", "lease_duration"), inner(body, "auth", "renewable")];
    if (statusCode !== 200 || typeof token !== "string") return undefined;
    return { token, takenAt: this.#clock.monotonic(), leaseMs: typeof seconds === "number" ? seconds * 1000 : 0, renewable: renewable === true };
  }
}

/** The sentence goes to tenants too, so the file stands in the cause, for the log. */
async function tokenIn(file: string): Promise<string> {
  try {
    const text = (await readFile(file, "utf8")).trim();
    // Node would refuse it as a header, with a sentence of its own.
    if (/^[\x21-\x7e]+$/.test(text)) return text;
    throw new TypeError(`${file} holds no token`);
  } catch (cause) {
    throw new VaultError("VAULT_REFUSED", "cannot be asked: the hub has no token for it", { cause, retryable: true });
  }
}
