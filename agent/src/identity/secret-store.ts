import { readFile } from "node:fs/promises";
import { request, type RequestOptions } from "node:https";
import { join } from "node:path";
import { messageOf } from "@sightline/shared";
import { IdentityError, type IdentityStore, parseIdentity, type StoredIdentity } from "./stored-identity.ts";

/** Where a pod finds its ServiceAccount, and its API server. */
export interface ClusterAccess {
  host: string;
  port: number;
  /** Folder with `token` and `ca.crt`; the token is read again for each request, since it is exchanged. */
  accountDir: string;
}

export interface SecretName {
  namespace: string;
  name: string;
}

const DATA_KEY = "identity.json";
const TIMEOUT_MS = 10_000;
const MAX_ANSWER = 1_048_576;

/** @throws IdentityError where this process runs in no pod. */
export function podAccess(env: Readonly<Record<string, string | undefined>>): ClusterAccess {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (host === undefined || port === undefined) throw new IdentityError("IDENTITY_UNREADABLE", "--identity-secret needs a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  return { host, port: Number(port), accountDir: "/var/run/secrets/kubernetes.io/serviceaccount" };
}

/**
 * The identity in one Secret of the agent's namespace, which was made for it: the agent may get and patch that one, and
 * nothing else. By plain HTTPS, since a client of Kubernetes would weigh more than the agent.
 */
export class SecretStore implements IdentityStore {
  readonly #access: ClusterAccess;
  readonly #name: SecretName;

  constructor(access: ClusterAccess, name: SecretName) {
    this.#access = access;
    this.#name = name;
  }

  async load(): Promise<StoredIdentity | undefined> {
    const secret: unknown = JSON.parse(await this.#call("GET"));
    const data = typeof secret === "object" && secret !== null && "data" in secret ? secret.data : undefined;
    const text: unknown = typeof data === "object" && data !== null ? Reflect.get(data, DATA_KEY) : undefined;
    return typeof text === "string" && text !== "" ? parseIdentity(Buffer.from(text, "base64").toString("utf8"), this.#where) : undefined;
  }

  async save(identity: StoredIdentity): Promise<void> {
    await this.#call("PATCH", JSON.stringify({ data: { [DATA_KEY]: Buffer.from(JSON.stringify(identity)).toString("base64") } }));
  }

  get #where(): string {
    return `Secret ${this.#name.namespace}/${this.#name.name}`;
  }

  async #call(method: "GET" | "PATCH", body?: string): Promise<string> {
    const { host, port, accountDir } = this.#access;
    const path = `/api/v1/namespaces/${encodeURIComponent(this.#name.namespace)}/secrets/${encodeURIComponent(this.#name.name)}`;
    try {
      const [token, ca] = await Promise.all([readFile(join(accountDir, "token"), "utf8"), readFile(join(accountDir, "ca.crt"))]);
      const headers = { authorization: `Bearer ${token.trim()}`, accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/merge-patch+json" }) };
      return await exchange({ host, port, path, method, headers, ca, timeout: TIMEOUT_MS }, body);
    } catch (cause) {
      throw new IdentityError("IDENTITY_UNREADABLE", `${this.#where} cannot be ${method === "GET" ? "read" : "written"}: ${messageOf(cause)}`, { retryable: true });
    }
  }
}

async function exchange(options: RequestOptions, body: string | undefined): Promise<string> {
  return await new Promise((resolve, reject) => {
    const sent = request({ ...options, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size > MAX_ANSWER) response.destroy(new Error("the answer is too long"));
        else chunks.push(chunk);
      });
      response.on("end", () => {
        const ok = response.statusCode !== undefined && response.statusCode < 300;
        if (ok) resolve(Buffer.concat(chunks).toString("utf8"));
        else reject(new Error(`the API server answered ${response.statusCode}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
