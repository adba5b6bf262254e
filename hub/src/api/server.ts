import type { HostPort } from "@sightline/shared/flags";
import { fastify, type FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { assessReadiness, type ReadinessCheck } from "./readiness.ts";

export interface ApiOptions {
  /** Port 0 takes a free one. */
  listen: HostPort;
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
  const server = buildApi(options);
  const url = await server.listen(options.listen);
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
