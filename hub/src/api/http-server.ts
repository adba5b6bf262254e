import type { SecureContextOptions } from "node:tls";
import { nothingHere, requestIdOf } from "@sightline/shared";
import { errorFields, type Logger, reasonFields, withRequest } from "@sightline/shared/telemetry";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { isKubeError } from "../kube/errors.ts";
import { problemOf } from "./problem.ts";
import { requirePolicies } from "../security/access/route-guard.ts";

export interface HttpServerOptions {
  logger: Logger;
  /** How loudly each request is told of. */
  accessLevel: "debug" | "info";
  /** PEM texts; without them it speaks plain HTTP. */
  tls?: ServerTls;
  /** Most bytes of a body; fastify's own limit of 1 MiB when absent. */
  bodyLimit?: number;
  /** Closing it waits for the requests under way, which are answered; otherwise their connections are cut. */
  drain?: true;
}

export interface ServerTls {
  cert: string;
  key: string;
  /** Authorities of clients' certificates. One is asked for, and it is for the routes to say who needs it. */
  clientCa?: string;
}

/** A server whose every request has an id, a line in the log, and errors of one shape; and whose every route says who may ask. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const server = fastify({
    logger: false,
    ...(options.drain === true ? { forceCloseConnections: "idle", return503OnClosing: false } : { forceCloseConnections: true }),
    ...(options.bodyLimit === undefined ? {} : { bodyLimit: options.bodyLimit }),
    https: options.tls === undefined ? null : tlsOptions(options.tls),
    // The header is read by requestIdOf, which refuses what is no id.
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers["x-request-id"]),
  });
  // By a callback: all that follows runs inside of it.
  server.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    withRequest({ request_id: request.id }, done);
  });
  requirePolicies(server);
  server.addHook("onResponse", async (request, reply) => options.logger[options.accessLevel]("Request served", accessFields(request, reply)));
  server.setErrorHandler((error, request, reply) => {
    const { status, body } = problemOf(error, request.id);
    // Who asks a standby asked the wrong replica: nothing is wrong here.
    if (isKubeError(error, "NOT_LEADING")) options.logger.info("A request was refused", { request_id: request.id, ...reasonFields(error) });
    else if (status >= 500) options.logger.error("A request failed", { request_id: request.id, ...errorFields(error) });
    return reply.code(status).send(body);
  });
  server.setNotFoundHandler((request, reply) => reply.code(404).send(nothingHere(request.id)));
  return server;
}

/** What a TLS server is made of, or given anew while it serves (`setSecureContext`). */
export function tlsOptions({ cert, key, clientCa }: ServerTls): SecureContextOptions & { requestCert?: boolean; rejectUnauthorized?: boolean } {
  return { cert, key, minVersion: "TLSv1.2", ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false }) };
}

/** The route, not the URL: a query is nobody's business. */
function accessFields(request: FastifyRequest, reply: FastifyReply): Record<string, unknown> {
  const { id, method, routeOptions, userId } = request;
  return {
    request_id: id,
    method,
    route: routeOptions.url ?? "none",
    status: reply.statusCode,
    duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
    ...(userId === undefined ? {} : { user_id: userId }),
  };
}
