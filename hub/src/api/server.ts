import { Readable } from "node:stream";
import { exposition, EXPOSITION_TYPE } from "@sightline/shared/metrics";
import { errorFields } from "@sightline/shared/telemetry";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { type Guard, guardRoutes } from "../security/access/route-guard.ts";
import { createHttpServer, type HttpServerOptions } from "./http-server.ts";
import { type Listening, listenOn, type ListenOptions } from "./listen.ts";
import { assessReadiness, type ReadinessCheck } from "./readiness.ts";

export interface ApiOptions extends Pick<HttpServerOptions, "logger" | "tls"> {
  /** Whose metrics are served now. */
  registries: () => readonly Registry[];
  /** What keeps the process from being useful. */
  readiness: readonly ReadinessCheck[];
  /** What can only be cured by a restart. */
  liveness: readonly ReadinessCheck[];
  /** What this replica does among the others; said by `/readyz`. */
  role: () => string;
  /** What somebody should know of it though it is ready, by name; `/readyz` says it too. */
  warnings?: Readonly<Record<string, string>>;
  /** Whom the metrics are served to: they name every namespace, monitor and cluster. Absent: to whoever reaches the port. */
  guard?: Guard;
}

/** Kubelets ask without credentials. */
const PUBLIC = { config: { policy: "public" } } as const;
/** Asked for every few seconds: only refusals are worth a line in the audit log. */
const GUARDED = { policy: "rbac", permitsUnrecorded: true } as const;

/** Serves `/healthz`, `/readyz` and `/metrics`. */
export function startApi(options: Omit<ApiOptions, "tls"> & ListenOptions): Promise<Listening> {
  return listenOn(options, (tls) => buildApi({ ...options, ...(tls === undefined ? {} : { tls }) }));
}

/** The routes, without a socket: for tests and for `startApi`. */
export function buildApi({ logger, registries, readiness, liveness, role, warnings = {}, guard, ...options }: ApiOptions): FastifyInstance {
  const server = createHttpServer({ ...options, logger, accessLevel: "debug" });
  if (guard !== undefined) guardRoutes(server, guard);
  const answer = (path: string, checks: readonly ReadinessCheck[], more: () => object): void => {
    server.get(path, PUBLIC, async (_request, reply) => {
      const state = assessReadiness(checks);
      return reply.code(state.ready ? 200 : 503).send({ ...state, ...more() });
    });
  };
  answer("/healthz", liveness, () => ({}));
  answer("/readyz", readiness, () => ({ role: role(), ...(Object.keys(warnings).length === 0 ? {} : { warnings }) }));
  server.get("/metrics", { config: guard === undefined ? PUBLIC.config : GUARDED }, async (_request, reply) => {
    const slices = Readable.from(exposition(registries()));
    slices.once("error", (error) => logger.error("Metrics could not be rendered to their end", errorFields(error)));
    return reply.type(EXPOSITION_TYPE).send(slices);
  });
  return server;
}
