import type { Clock } from "@sightline/shared";
import { setRequestUser } from "@sightline/shared/telemetry";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AuditEntry, AuditLog, AuditUser } from "../../audit/types.ts";
import type { KubeClient } from "../../kube/client.ts";
import { type Authenticator, tokenAuthenticator } from "./authenticate.ts";
import { accessAuthoriser, type Authoriser, type NonResourceAccess } from "./authorise.ts";
import { SecurityError } from "../errors.ts";

/**
 * Who may ask for a route: anybody who reaches the server; who has the right to its path; or the API server alone, by its
 * client certificate where one is asked for (hub/src/admission/server.ts).
 */
export type RoutePolicy = "public" | "rbac" | "api-server";

declare module "fastify" {
  interface FastifyContextConfig {
    policy?: RoutePolicy;
    /** Refusals go to the audit log, permits do not: for what is asked for every few seconds and tells little. */
    permitsUnrecorded?: boolean;
  }
  interface FastifyRequest {
    /** Who asks, once that is known. */
    userId?: string;
  }
}

/** A route that a server has, and who may ask for it. */
export interface KnownRoute {
  method: string;
  url: string;
  policy: RoutePolicy;
}

const known = new WeakMap<FastifyInstance, KnownRoute[]>();

/** Keeps a server from having a route of which nobody said who may ask for it. Before its first route. */
export function requirePolicies(server: FastifyInstance): void {
  const routes: KnownRoute[] = [];
  known.set(server, routes);
  server.addHook("onRoute", ({ url, method, config }) => {
    if (config?.policy === undefined) throw new Error(`the route ${String(method)} ${url} names no policy`);
    for (const each of [method].flat()) routes.push({ method: each, url, policy: config.policy });
  });
}

/** Every route of a server of ours, as its router knows them. */
export function routesOf(server: FastifyInstance): readonly KnownRoute[] {
  return known.get(server) ?? [];
}

export interface Guard {
  authenticator: Authenticator;
  authoriser: Authoriser;
  audit: AuditLog;
}

/** By the API server's own judgement of who asks, and of what they may. */
export function guardBy({ client, clock, audit }: { client: KubeClient; clock: Clock; audit: AuditLog }): Guard {
  return { authenticator: tokenAuthenticator(client, clock), authoriser: accessAuthoriser(client, clock), audit };
}

/** The one place where a request is let through or not: authenticate, authorise, tell the audit log. What is under no route holds nothing to guard. */
export function guardRoutes(server: FastifyInstance, guard: Guard): void {
  server.addHook("onRequest", async (request) => {
    const { policy, permitsUnrecorded } = request.routeOptions.config;
    if (request.is404 || policy === "public") return;
    const access = { path: pathOf(request.url), verb: request.method.toLowerCase() };
    const user = await admit(request, access, guard);
    if (permitsUnrecorded !== true) await guard.audit.record({ ...decisionOn(access), user, outcome: "Success" });
  });
}

/** As Kubernetes calls whoever does not say who they are. */
const ANONYMOUS: AuditUser = { name: "system:anonymous", uid: "", groups: ["system:unauthenticated"] };

/** @returns who asks, and may. @throws SecurityError, after the audit log was told. */
async function admit(request: FastifyRequest, access: NonResourceAccess, { authenticator, authoriser, audit }: Guard): Promise<AuditUser> {
  let asker: AuditUser = ANONYMOUS;
  try {
    const user = await authenticator.authenticate(request.headers.authorization);
    asker = user;
    request.userId = user.name;
    setRequestUser(user.name);
    await authoriser.authorise(user, access);
    return user;
  } catch (error) {
    if (error instanceof SecurityError) await refused({ ...decisionOn(access), user: asker }, error, audit);
    throw error;
  }
}

/** A refusal stands, also when it cannot be kept: the log itself says that it is broken. */
async function refused(decision: Omit<AuditEntry, "outcome">, { code, message }: SecurityError, audit: AuditLog): Promise<void> {
  const outcome = code === "AUTHENTICATION_FAILED" ? "Unauthorized" : "Forbidden";
  await audit.record({ ...decision, outcome, reason: message }).catch(() => undefined);
}

function decisionOn({ path, verb }: NonResourceAccess): Pick<AuditEntry, "operation" | "resource"> {
  return { operation: verb, resource: { kind: "Path", name: path } };
}

/** The path as it was asked for, still encoded: what a rule of RBAC grants has no escapes, so it is the path that was routed. */
function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? url;
}
