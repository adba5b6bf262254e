import { setRequestUser } from "@sightline/shared/telemetry";
import type { FastifyInstance } from "fastify";
import type { Authenticator } from "./authenticate.ts";
import type { Authoriser } from "./authorise.ts";

/**
 * Who may ask for a route: anybody who reaches the server; who has the right to its path; or the API server alone, by its
 * client certificate where one is asked for (hub/src/admission/server.ts).
 */
export type RoutePolicy = "public" | "rbac" | "api-server";

declare module "fastify" {
  interface FastifyContextConfig {
    policy?: RoutePolicy;
  }
  interface FastifyRequest {
    /** Who asks, once that is known. */
    userId?: string;
  }
}

/** Keeps a server from having a route of which nobody said who may ask for it. Before its first route. */
export function requirePolicies(server: FastifyInstance): void {
  server.addHook("onRoute", ({ url, method, config }) => {
    if (config?.policy === undefined) throw new Error(`the route ${String(method)} ${url} names no policy`);
  });
}

export interface Guard {
  authenticator: Authenticator;
  authoriser: Authoriser;
}

/** The one place where a request is let through or not: authenticate, then authorise. What is under no route holds nothing to guard. */
export function guardRoutes(server: FastifyInstance, { authenticator, authoriser }: Guard): void {
  server.addHook("onRequest", async (request) => {
    if (request.is404 || request.routeOptions.config.policy === "public") return;
    const user = await authenticator.authenticate(request.headers.authorization);
    request.userId = user.name;
    setRequestUser(user.name);
    await authoriser.authorise(user, { path: pathOf(request.url), verb: request.method.toLowerCase() });
  });
}

/** The path as it was asked for, still encoded: what a rule of RBAC grants has no escapes, so it is the path that was routed. */
function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? url;
}
