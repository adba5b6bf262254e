/**
 * The few plain calls of the Kubernetes API that the sandbox makes. client-node is left out on purpose: it takes 0.6 s
 * to load, and its typed models drop the x-kubernetes-* fields of CRDs.
 */
import { Agent } from "node:https";

import type { Got } from "got";
import got from "got";

import { listAt, textAt } from "../../kit/json.ts";
import { waitUntil } from "../../kit/wait.ts";
import { SandboxError } from "../errors.ts";

export interface KubeAccess {
  readonly server: string;
  readonly ca: string;
  /** PEM texts of a client certificate. */
  readonly cert: string;
  readonly key: string;
}

/** Somebody else, in whose name an administrator may ask. */
export interface Impersonated {
  readonly user: string;
  readonly groups?: readonly string[];
}

interface Answer {
  readonly statusCode: number;
  readonly body: unknown;
}

export class KubeClient {
  readonly #http: Got;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #resources = new Map<string, string>();
  readonly #access: KubeAccess;

  constructor(access: KubeAccess, impersonated?: Impersonated) {
    this.#access = access;
    const { server, ca, cert, key } = access;
    this.#http = got.extend({
      headers: impersonated === undefined ? {} : { "impersonate-user": impersonated.user, "impersonate-group": [...(impersonated.groups ?? []), "system:authenticated"] },
      prefixUrl: server,
      https: { certificateAuthority: ca, certificate: cert, key },
      agent: { https: this.#agent },
      retry: { limit: 0 },
      timeout: { request: 10_000 },
      throwHttpErrors: false,
    });
  }

  /** The same API server, asked by somebody else. To be closed like this one. */
  as(impersonated: Impersonated): KubeClient {
    return new KubeClient(this.#access, impersonated);
  }

  /** Answers true when the API server says that it is ready. */
  async isReady(): Promise<boolean> {
    return (await this.#http("readyz")).statusCode === 200;
  }

  /** The JSON under a path, or undefined when there is nothing (404). */
  async get(path: string): Promise<unknown> {
    const answer = await this.#call("GET", path);
    if (answer.statusCode === 404) return undefined;
    return accepted(answer, `GET ${path}`);
  }

  async post(path: string, json: object): Promise<unknown> {
    return accepted(await this.#call("POST", path, { json }), `POST ${path}`);
  }

  /** Deletes what is under a path; nothing there (404) is fine. */
  async delete(path: string): Promise<void> {
    const answer = await this.#call("DELETE", path);
    if (answer.statusCode !== 404) accepted(answer, `DELETE ${path}`);
  }

  /** JSON merge patch (RFC 7386) of the object under a path. */
  async patch(path: string, change: object): Promise<unknown> {
    const headers = { "content-type": "application/merge-patch+json" };
    return accepted(await this.#call("PATCH", path, { body: JSON.stringify(change), headers }), `PATCH ${path}`);
  }

  /** Server-side apply of an object of any kind that the API server knows, or will know within 10 s (a fresh CRD's). */
  async apply(object: object): Promise<void> {
    await this.#apply(object, "");
  }

  /** The same, stored nowhere. @returns the object as it would be stored */
  async dryApply(object: object): Promise<unknown> {
    return await this.#apply(object, "&dryRun=All");
  }

  async #apply(object: object, query: string): Promise<unknown> {
    const path = await this.#pathOf(object);
    const body = JSON.stringify(object); // JSON is YAML, and the only type of patch that says "apply".
    const headers = { "content-type": "application/apply-patch+yaml" };
    return accepted(await this.#call("PATCH", `${path}?fieldManager=sightline-sandbox&force=true${query}`, { body, headers }), `apply ${path}`);
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #call(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, options: { json?: object; body?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    const { statusCode, body } = await this.#http(path, { method, ...options });
    return { statusCode, body: parseJson(body) };
  }

  async #pathOf(object: object): Promise<string> {
    const [apiVersion, kind, name] = [textAt(object, "apiVersion"), textAt(object, "kind"), textAt(object, "metadata", "name")];
    if (apiVersion === undefined || kind === undefined || name === undefined) {
      throw new SandboxError("an object to apply lacks apiVersion, kind or metadata.name");
    }
    const base = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const plural = await this.#pluralOf(base, kind);
    const namespace = textAt(object, "metadata", "namespace");
    return [base, ...(namespace === undefined ? [] : ["namespaces", namespace]), plural, name].join("/");
  }

  async #pluralOf(base: string, kind: string): Promise<string> {
    const known = this.#resources.get(`${base}/${kind}`);
    if (known !== undefined) return known;
    const plural = await waitUntil({ what: `the API server to know ${base}, ${kind}`, timeoutMs: 10_000 }, async () => {
      const resources = listAt(await this.get(base), "resources");
      const match = resources.find((resource) => textAt(resource, "kind") === kind && textAt(resource, "name")?.includes("/") === false);
      return textAt(match, "name");
    });
    this.#resources.set(`${base}/${kind}`, plural);
    return plural;
  }
}

function accepted({ statusCode, body }: Answer, call: string): unknown {
  if (statusCode < 300) return body;
  throw new SandboxError(`the Kubernetes API refused ${call}: ${statusCode} ${textAt(body, "message") ?? ""}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
