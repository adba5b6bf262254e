import { Readable } from "node:stream";
import type { HostPort } from "@sightline/shared/flags";
import { exposition, EXPOSITION_TYPE } from "@sightline/shared/metrics";
import { errorFields } from "@sightline/shared/telemetry";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { createHttpServer, type HttpServerOptions } from "./http-server.ts";
import { assessReadiness, type ReadinessCheck } from "./readiness.ts";

export interface ApiOptions extends Pick<HttpServerOptions, "logger"> {
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

/** Kubelets and Prometheus ask without credentials. */
const PUBLIC = { config: { policy: "public" } } as const;

/** Serves `/healthz`, `/readyz` and `/metrics`. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const server = buildApi(options);
  const url = await server.listen(options.listen);
  return { url, close: () => server.close() };
}

/** The routes, without a socket: for tests and for `startApi`. */
export function buildApi({ logger, registries, readiness, liveness, role }: Omit<ApiOptions, "listen">): FastifyInstance {
  const server = createHttpServer({ logger, accessLevel: "debug" });
  const answer = (path: string, checks: readonly ReadinessCheck[], more: () => object): void => {
    server.get(path, PUBLIC, async (_request, reply) => {
      const state = assessReadiness(checks);
      return reply.code(state.ready ? 200 : 503).send({ ...state, ...more() });
    });
  };
  answer("/healthz", liveness, () => ({}));
  answer("/readyz", readiness, () => ({ role: role() }));
  server.get("/metrics", PUBLIC, async (_request, reply) => {
    const slices = Readable.from(exposition(registries()));
    slices.once("error", (error) => logger.error("Metrics could not be rendered to their end", errorFields(error)));
    return reply.type(EXPOSITION_TYPE).send(slices);
  });
  return server;
}
