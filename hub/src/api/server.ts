import { fastify, type FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { assessReadiness, type ReadinessCheck } from "./readiness.ts";

export interface ApiOptions {
  /** `host:port`; port 0 takes a free one. */
  listen: string;
  /** Whose metrics are served now. */
  registries: () => readonly Registry[];
  /** What keeps the process from being useful. */
  readiness: readonly ReadinessCheck[];
  /** What can only be cured by a restart. */
  liveness: readonly ReadinessCheck[];
  /** What this replica does among the others; said by `/readyz`. */
  role: () => string;
}

export interface Api {
  /** `http://host:port` that it listens on. */
  url: string;
  close(): Promise<void>;
}

/** Serves `/healthz`, `/readyz` and `/metrics`. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { host, port } = parseListen(options.listen);
  const server = buildApi(options);
  const url = await server.listen({ host, port });
  return { url, close: () => server.close() };
}

/** The routes, without a socket: for tests and for `startApi`. */
export function buildApi({ registries, readiness, liveness, role }: Omit<ApiOptions, "listen">): FastifyInstance {
  const server = fastify({ logger: false, forceCloseConnections: true });
  const answer = (path: string, checks: readonly ReadinessCheck[], more: () => object): void => {
    server.get(path, async (_request, reply) => {
      const state = assessReadiness(checks);
      return reply.code(state.ready ? 200 : 503).send({ ...state, ...more() });
    });
  };
  answer("/healthz", liveness, () => ({}));
  answer("/readyz", readiness, () => ({ role: role() }));
  server.get("/metrics", async (_request, reply) => {
    const texts = await Promise.all(registries().map((registry) => registry.metrics()));
    return reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(texts.join("\n"));
  });
  return server;
}

/** Splits `host:port`, with brackets around an IPv6 host. @throws RangeError when it is neither. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new RangeError(`--listen must be host:port, such as 0.0.0.0:8080; got ${JSON.stringify(text)}`);
  return { host: match[1] ?? match[2] ?? "", port };
}
