import { type DispatcherOptions, HttpMethod, IsomorphicFetchHttpLibrary, KubeConfig, RequestContext } from "@kubernetes/client-node";
import type { Clock } from "@sightline/shared";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Fence } from "../leadership/term.ts";
import { errorOfAnswer, KubeError, kubeError } from "./errors.ts";

/** How a patch is to be read. */
export type PatchType = "merge" | "apply";

export interface KubeRequest {
  /** What is tried, for the error: `get httpmonitor shop/front`. */
  action: string;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path from the server's root, such as `/api/v1/namespaces/shop/configmaps/a`. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  patch?: PatchType;
  /** A list is answered with the objects' metadata alone (PartialObjectMetadata). */
  metadataOnly?: true;
  signal?: AbortSignal;
  /** Milliseconds; the client's own limit when absent. */
  timeoutMs?: number;
  /** Called right before the request leaves; by throwing it keeps it back. */
  guard?: () => void;
  /** Called with the headers of whatever answer came, by their lower-case names. */
  answered?: (headers: Readonly<Record<string, string>>) => void;
}

/** One connection pool to one API server. JSON in, JSON out: what comes back is to be parsed by the caller. */
export interface KubeClient {
  /** @throws KubeError */
  request(request: KubeRequest): Promise<unknown>;
  readonly config: KubeConfig;
}

const CONTENT_TYPES: Record<PatchType, string> = {
  merge: "application/merge-patch+json",
  // Server-side apply takes YAML, of which JSON is a part.
  apply: "application/apply-patch+yaml",
};

/** No fallback to whole objects: a server that cannot do this must say so (406). */
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** Certificates are read again from their files this often. */
const DISPATCHER_MAX_AGE_MS = 300_000;

/**
 * A kubeconfig whose connections speak HTTP/1.1. undici 8.12 offers HTTP/2, which the API server takes, and destroys an
 * idle HTTP/2 session with an error that nobody handles: the process would end.
 */
class Http1KubeConfig extends KubeConfig {
  override createDispatcherOptions(...args: Parameters<KubeConfig["createDispatcherOptions"]>): DispatcherOptions {
    const options = super.createDispatcherOptions(...args);
    // Its connector offers no protocol but HTTP/1.1 anyway.
    if (options.type === "socks") return options;
    if (options.type === "none") return { type: "agent", connect: { keepAlive: true, ...HTTP1 } };
    if (options.type === "agent") return { type: "agent", connect: { ...options.connect, ...HTTP1 } };
    return { ...options, requestTls: { ...options.requestTls, ...HTTP1 }, connect: { ...options.connect, ...HTTP1 } };
  }
}

/** Where every pod finds the token of its ServiceAccount. */
const POD_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** undici's own setting, handed through client-node's TLS options. */
const HTTP1 = { allowH2: false };

/**
 * Reads a kubeconfig file, or the pod's ServiceAccount without one.
 * @throws KubeError UNAVAILABLE with what is missing.
 */
export function loadKubeConfig(file: string | undefined): KubeConfig {
  return loadedConfig(file ?? "of the pod's ServiceAccount", (config) => (file === undefined ? config.loadFromCluster() : config.loadFromFile(file)));
}

/**
 * Reads a kubeconfig as kubectl does: the file that is named, else those that KUBECONFIG lists, else ~/.kube/config, else, in a
 * pod, its ServiceAccount.
 * @throws KubeError UNAVAILABLE with what is missing.
 */
export function loadUserKubeConfig(file: string | undefined): KubeConfig {
  return loadedConfig(file ?? "of this user", (config) => {
    if (file !== undefined) return config.loadFromFile(file);
    const none = (process.env["KUBECONFIG"] ?? "") === "" && !existsSync(join(homedir(), ".kube", "config"));
    if (none && existsSync(POD_TOKEN)) return config.loadFromCluster();
    if (none) throw new Error("there is none: name one by --kubeconfig or KUBECONFIG");
    config.loadFromDefault();
  });
}

function loadedConfig(name: string, load: (config: KubeConfig) => void): KubeConfig {
  const config = new Http1KubeConfig();
  try {
    load(config);
  } catch (error) {
    throw kubeError(`read the kubeconfig ${name}`, error);
  }
  if (!config.getCurrentCluster()?.server) throw kubeError("read the kubeconfig", new Error("it names no current cluster"));
  return config;
}

/** Requests go through client-node's credentials and TLS settings; each one ends after `timeoutMs`. */
export function createKubeClient(config: KubeConfig, options: { clock: Clock; timeoutMs: number; userAgent?: string }): KubeClient {
  const http = new IsomorphicFetchHttpLibrary();
  const pool = sharedDispatcher(options.clock);

  async function send(request: KubeRequest): Promise<unknown> {
    const context = contextOf(config, request);
    if (options.userAgent !== undefined) context.setHeaderParam("User-Agent", options.userAgent);
    await config.applySecurityAuthentication(context);
    pool(context);
    // A fraction, as what is left of some other time is, would be refused.
    const limit = AbortSignal.timeout(Math.ceil(request.timeoutMs ?? options.timeoutMs));
    context.setSignal(request.signal === undefined ? limit : AbortSignal.any([limit, request.signal]));
    request.guard?.();
    const response = await http.send(context).toPromise();
    request.answered?.(response.headers);
    const text = await response.body.text();
    if (response.httpStatusCode >= 300) throw errorOfAnswer(request.action, response.httpStatusCode, text);
    const answer: unknown = JSON.parse(text);
    return answer;
  }

  return {
    config,
    request: async (request) => {
      try {
        return await send(request);
      } catch (error) {
        throw kubeError(request.action, error);
      }
    },
  };
}

/**
 * The client of one who may write only while a fence is open: afterwards its writes are kept back, and those under way
 * end. Reads go on. Its errors are KubeErrors, NOT_LEADING among them.
 */
export function fencedClient(client: KubeClient, fence: Fence): KubeClient {
  const refuse = (action: string): void => {
    if (!fence.mayWrite()) throw new KubeError("NOT_LEADING", `failed to ${action}: this replica does not lead`, { retryable: true });
  };
  return {
    config: client.config,
    request: async (request) => {
      if (request.method === "GET") return client.request(request);
      refuse(request.action);
      const signal = request.signal === undefined ? fence.closed : AbortSignal.any([fence.closed, request.signal]);
      return client.request({ ...request, signal, guard: () => refuse(request.action) });
    },
  };
}

function contextOf(config: KubeConfig, { method, path, query, body, patch, metadataOnly }: KubeRequest): RequestContext {
  const context = new RequestContext(`${config.getCurrentCluster()?.server ?? ""}${path}`, HttpMethod[method]);
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) context.setQueryParam(name, String(value));
  context.setHeaderParam("Accept", metadataOnly === true ? METADATA_LIST : "application/json");
  if (body !== undefined) {
    context.setHeaderParam("Content-Type", patch === undefined ? "application/json" : CONTENT_TYPES[patch]);
    context.setBody(JSON.stringify(body));
  }
  return context;
}

/** client-node makes a new connection pool, so a new TLS handshake, for every single request: keep one and hand it to all. */
function sharedDispatcher(clock: Clock): (context: RequestContext) => void {
  let kept: { dispatcher: ReturnType<RequestContext["getDispatcher"]>; madeAt: number } | undefined;
  return (context) => {
    const now = clock.monotonic();
    if (kept === undefined || now - kept.madeAt > DISPATCHER_MAX_AGE_MS) kept = { dispatcher: context.getDispatcher(), madeAt: now };
    if (kept.dispatcher !== undefined) context.setDispatcher(kept.dispatcher);
  };
}
