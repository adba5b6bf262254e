import type { Clock } from "@sightline/shared";
import type { KubeClient } from "../../kube/client.ts";
import { field } from "../../kube/raw.ts";
import type { User } from "./authenticate.ts";
import { authorizationFailed } from "../errors.ts";
import { PositiveCache } from "./positive-cache.ts";

/** What is asked for, in the words of RBAC's nonResourceURLs. */
export interface NonResourceAccess {
  /** The URL's path, without its query. */
  path: string;
  /** The HTTP method in lower case. */
  verb: string;
}

export interface Authoriser {
  /** @throws SecurityError AUTHORIZATION_FAILED; KubeError when the API server cannot be asked. */
  authorise(user: User, access: NonResourceAccess): Promise<void>;
}

/** By the rights that the user has in the hub's Kubernetes API (SubjectAccessReview). */
export function accessAuthoriser(client: KubeClient, clock: Clock): Authoriser {
  const granted = new PositiveCache<true>(clock);
  return {
    authorise: async (user, access) => {
      const key = JSON.stringify([user, access]);
      if (granted.get(key) === true) return;
      if (!isAllowed(await review(client, user, access))) throw refusal(user, access);
      granted.put(key, true);
    },
  };
}

function review(client: KubeClient, { name, ...user }: User, nonResourceAttributes: NonResourceAccess): Promise<unknown> {
  return client.request({
    action: "review an access",
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: { user: name, ...user, nonResourceAttributes } },
  });
}

/** What an answered SubjectAccessReview says; a denial wins. */
export function isAllowed(review: unknown): boolean {
  const status = field(review, "status");
  return field(status, "allowed") === true && field(status, "denied") !== true;
}

function refusal({ name }: User, { path, verb }: NonResourceAccess): Error {
  return authorizationFailed(`${name} may not ${verb} ${path} (RBAC of the hub's API server, nonResourceURLs)`);
}
