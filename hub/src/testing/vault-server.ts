import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { field, textField } from "../kube/raw.ts";

/** One request, as the server saw it. */
export interface VaultRequest {
  method: string;
  path: string;
  token: string | undefined;
  namespace: string | undefined;
}

type Answer = [status: number, body: object];

/**
 * The part of Vault's HTTP API that the hub uses, as its documentation says: reading the KV engine (version 2), logging in
 * by the Kubernetes auth method, renewing one's own token, and being sealed. The real server is tried by a suite of its own.
 */
export class VaultServer implements AsyncDisposable {
  readonly requests: VaultRequest[] = [];
  /** Beginnings of paths that no token may read. */
  readonly denied = new Set<string>();
  /** Tokens that are valid; logging in adds one. */
  readonly tokens = new Set(["hvs.root"]);
  /** Who may log in: the JWT that a role takes. */
  readonly roles = new Map<string, string>();
  /** What a login gives. */
  readonly lease = { seconds: 3600, renewable: true };
  sealed = false;
  /** In place of any answer. */
  answer: ((request: VaultRequest, response: ServerResponse) => void) | undefined;
  readonly #secrets = new Map<string, Record<string, unknown> | undefined>();
  readonly #http: Server;
  #logins = 0;

  private constructor() {
    this.#http = createServer((request, response) => void this.#serve(request, response).catch(() => response.destroy()));
  }

  static async start(): Promise<VaultServer> {
    const server = new VaultServer();
    await new Promise<void>((resolve) => server.#http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    const address = this.#http.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  /** Sets a secret by its path below the engine's mount; undefined deletes its last version. */
  put(path: string, data: Record<string, unknown> | undefined): void {
    this.#secrets.set(path, data);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    return new Promise((resolve) => this.#http.close(() => resolve()));
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = { method: message.method ?? "", path: message.url ?? "", token: header(message, "x-vault-token"), namespace: header(message, "x-vault-namespace") };
    const body = await json(message);
    this.requests.push(request);
    if (this.answer !== undefined) return this.answer(request, response);
    const [status, answer] = this.sealed ? errors(503, "Vault is sealed") : this.#answerTo(request, body);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  #answerTo({ method, path, token = "" }: VaultRequest, body: unknown): Answer {
    if (method === "POST" && /^\/v1\/auth\/[^/]+\/login$/.test(path)) return this.#logIn(body);
    if (!this.tokens.has(token) || [...this.denied].some((start) => path.startsWith(start))) return errors(403, "permission denied");
    if (method === "POST" && path === "/v1/auth/token/renew-self") return this.#auth(token);
    if (!path.startsWith("/v1/secret/data/")) return errors(404, "no handler for route");
    return this.#read(path.slice("/v1/secret/data/".length));
  }

  #read(name: string): Answer {
    if (!this.#secrets.has(name)) return [404, { errors: [] }];
    const data = this.#secrets.get(name);
    const metadata = { created_time: "2026-01-02T03:04:05Z", deletion_time: data === undefined ? "2026-01-02T03:04:05Z" : "", destroyed: false, version: 1 };
    return [data === undefined ? 404 : 200, { request_id: "1", lease_id: "", renewable: false, lease_duration: 0, data: { data: data ?? null, metadata }, warnings: null }];
  }

  #logIn(body: unknown): Answer {
    const jwt = this.roles.get(textField(body, "role") ?? "");
    if (jwt === undefined) return errors(400, "invalid role name");
    if (field(body, "jwt") !== jwt) return errors(403, "permission denied");
    const token = `hvs.login-${++this.#logins}`;
    this.tokens.add(token);
    return this.#auth(token);
  }

  #auth(token: string): Answer {
    return [200, { auth: { client_token: token, policies: ["default"], lease_duration: this.lease.seconds, renewable: this.lease.renewable } }];
  }
}

function header({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

function errors(status: number, sentence: string): Answer {
  return [status, { errors: [sentence] }];
}

async function json(message: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of message) text += String(chunk);
  const value: unknown = text === "" ? undefined : JSON.parse(text);
  return value;
}
