import { createHash } from "node:crypto";
import type { Clock } from "@sightline/shared";
import type { KubeClient } from "../../kube/client.ts";
import { field, listField, textField } from "../../kube/raw.ts";
import { authenticationFailed } from "../errors.ts";
import { PositiveCache } from "./positive-cache.ts";

/** Who asks, as Kubernetes knows them. */
export interface User {
  name: string;
  uid: string;
  groups: string[];
  /** Whatever else the authenticator knows; handed on to authorisation as it is. */
  extra: Record<string, string[]>;
}

export interface Authenticator {
  /** @throws SecurityError AUTHENTICATION_FAILED; KubeError when the API server cannot be asked. */
  authenticate(authorization: string | undefined): Promise<User>;
}

/** By the API server's own judgement of the bearer token (TokenReview). */
export function tokenAuthenticator(client: KubeClient, clock: Clock): Authenticator {
  const known = new PositiveCache<User>(clock);
  return {
    authenticate: async (authorization) => {
      const token = bearerToken(authorization);
      if (token === undefined) throw authenticationFailed("a bearer token is needed (Authorization: Bearer …)");
      const key = createHash("sha256").update(token).digest("base64");
      const before = known.get(key);
      if (before !== undefined) return before;
      const user = userIn(await review(client, token));
      known.put(key, user);
      return user;
    },
  };
}

function review(client: KubeClient, token: string): Promise<unknown> {
  return client.request({
    action: "review a token",
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/tokenreviews",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } },
  });
}

/** The token of an Authorization header (RFC 6750, section 2.1), or undefined. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? "")?.[1];
}

/** The user that an answered TokenReview names. @throws SecurityError AUTHENTICATION_FAILED */
export function userIn(review: unknown): User {
  const status = field(review, "status");
  const user = field(status, "user");
  const name = textField(user, "username");
  // The API server's own reason may tell more than a stranger should know.
  if (field(status, "authenticated") !== true || name === undefined || name === "") throw authenticationFailed("the API server does not accept the token");
  return { name, uid: textField(user, "uid") ?? "", groups: texts(field(user, "groups")), extra: extraIn(field(user, "extra")) };
}

function extraIn(extra: unknown): Record<string, string[]> {
  if (typeof extra !== "object" || extra === null) return {};
  return Object.fromEntries(Object.keys(extra).map((key) => [key, texts(listField(extra, key))]));
}

function texts(values: unknown): string[] {
  return Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
}
