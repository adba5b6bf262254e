import { TLSSocket } from "node:tls";
import type { Clock } from "@sightline/shared";
import { type Logger, setRequestUser } from "@sightline/shared/telemetry";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { createHttpServer } from "../api/http-server.ts";
import { authenticationFailed } from "../security/errors.ts";
import { ALIVE_PATH } from "./alive.ts";
import { answerReview } from "./answer.ts";
import { type Review, REVIEW_PATHS } from "./configuration.ts";
import { decodeReview } from "./decode.ts";
import { judge } from "./judge.ts";
import type { AdmissionMetrics } from "./metrics.ts";
import type { AdmissionRequest, Reviewer } from "./types.ts";

/** Old and new object at the API server's own limit (3 MiB a request), and what stands around them. Bytes. */
const BODY_LIMIT = 8 * 1024 * 1024;

export interface AdmissionServerOptions {
  logger: Logger;
  clock: Clock;
  reviewer: Reviewer;
  metrics: AdmissionMetrics;
  /** PEM texts. `clientCa`: authorities of the API server's own certificate; without them whoever reaches the port may ask. */
  tls: { cert: string; key: string; clientCa?: string };
  /** Common names that such a certificate may have; any, where none is named. */
  clientNames: readonly string[];
}

/** Serves the API server's admission reviews, without its socket. */
export function buildAdmissionServer({ logger, clock, reviewer, metrics, tls, clientNames }: AdmissionServerOptions): FastifyInstance {
  const server = createHttpServer({ logger, accessLevel: "debug", tls, bodyLimit: BODY_LIMIT, drain: true });
  // A kept connection would break with its hub, and the API server asks no second time.
  server.addHook("onSend", async (_request, reply) => void reply.header("connection", "close"));
  if (tls.clientCa !== undefined) {
    server.addHook("onRequest", async (request) => {
      if (request.routeOptions.config.policy === "api-server") requireApiServer(request, clientNames);
    });
  }
  server.get(ALIVE_PATH, { config: { policy: "public" } }, async () => ({ serving: true }));
  const judgeBy: Record<Review, Reviewer["mutate"]> = { mutate: (request, signal) => reviewer.mutate(request, signal), validate: (request, signal) => reviewer.validate(request, signal) };
  for (const review of ["mutate", "validate"] as const) {
    server.post(REVIEW_PATHS[review], { config: { policy: "api-server" } }, async ({ id, body }, reply) => {
      const started = clock.monotonic();
      const request = decoded(body, metrics);
      setRequestUser(request.user.name);
      const { verdict, outcome } = await judge(judgeBy[review], request, { clock, logger });
      metrics.reviewed(review, request, outcome, (clock.monotonic() - started) / 1000);
      if (!verdict.allowed) logger.info("A change was refused", { review, ...subjectOf(request), code: verdict.code, reason: verdict.reason });
      return reply.send(answerReview(request.uid, verdict, id));
    });
  }
  return server;
}

function decoded(body: unknown, metrics: AdmissionMetrics): AdmissionRequest {
  try {
    return decodeReview(body);
  } catch (error) {
    metrics.invalid();
    throw error;
  }
}

function subjectOf({ kind, namespace, name, operation, dryRun }: AdmissionRequest): object {
  return { kind, namespace, name, operation, dry_run: dryRun };
}

/** @throws SecurityError for whoever shows no certificate of the API server. */
function requireApiServer({ raw: { socket } }: FastifyRequest, names: readonly string[]): void {
  if (!(socket instanceof TLSSocket) || !socket.authorized) throw authenticationFailed("a client certificate of the API server is needed here");
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  if (names.length > 0 && !(typeof name === "string" && names.includes(name))) throw authenticationFailed("the client certificate is not one of the API server's (--webhook-client-names)");
}
