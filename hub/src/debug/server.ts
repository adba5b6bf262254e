import type { DebugAnswer, DebugRoute } from "@sightline/shared/debug";
import type { FastifyInstance, FastifyReply } from "fastify";
import { createHttpServer, type HttpServerOptions } from "../api/http-server.ts";
import { keyOf } from "../kube/resources.ts";
import { type Guard, guardRoutes } from "../security/access/route-guard.ts";

export interface DebugServerOptions extends Pick<HttpServerOptions, "logger" | "tls"> {
  guard: Guard;
  routes: readonly DebugRoute[];
  /** Asks for the next reconcile of a key, to be looked at. @returns where its profile will be written. */
  inspect: (controller: string, key: string) => string | undefined;
}

/** The debug listener without its socket. Every route needs the right to its path. */
export function buildDebugServer({ guard, routes, inspect, ...options }: DebugServerOptions): FastifyInstance {
  const server = createHttpServer({ ...options, accessLevel: "info" });
  guardRoutes(server, guard);
  for (const route of routes) bind(server, route);
  for (const key of [":namespace/:name", ":name"]) bindInspection(server, `/debug/reconciliation/:controller/${key}`, inspect);
  return server;
}

function bindInspection(server: FastifyInstance, url: string, inspect: DebugServerOptions["inspect"]): void {
  server.route<{ Params: { controller: string; name: string; namespace?: string } }>({
    method: "POST",
    url,
    config: { policy: "rbac" },
    handler: async (request, reply) => {
      const { controller, ...object } = request.params;
      const key = keyOf(object);
      const profileDir = inspect(controller, key) ?? null;
      return reply.code(202).send({ controller, key, profileDir });
    },
  });
}

function bind(server: FastifyInstance, { method, path, answer }: DebugRoute): void {
  server.route({
    method,
    url: path,
    config: { policy: "rbac" },
    handler: async (request, reply) => {
      const query = new URLSearchParams(request.url.split("?", 2)[1]);
      const answered = await answer({ query, body: request.body, signal: whenGone(reply), caller: request.userId ?? "" });
      return send(reply, answered);
    },
  });
}

function send(reply: FastifyReply, { contentType, body, fileName }: DebugAnswer): FastifyReply {
  if (fileName !== undefined) reply.header("content-disposition", `attachment; filename="${fileName}"`);
  return reply.type(contentType).header("x-content-type-options", "nosniff").send(body);
}

/** Aborts when the connection ends before its answer did. */
function whenGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once("close", () => {
    if (!raw.writableEnded) gone.abort();
  });
  return gone.signal;
}
