import { API_GROUP } from "@sightline/shared/api";
import type { Clock } from "@sightline/shared";
import pMap from "p-map";
import type { KubeClient } from "../../kube/client.ts";
import { isKubeError } from "../../kube/errors.ts";
import { CLUSTER_REGISTRATIONS } from "../../kube/resources.ts";
import type { User } from "../access/authenticate.ts";
import { isAllowed } from "../access/authorise.ts";
import { rightsUnknown } from "../errors.ts";
import { PositiveCache } from "../access/positive-cache.ts";
import { identityKey, type Usable } from "./usable.ts";

export interface UseRights {
  /**
   * Which of these clusters a user may use, by the RBAC of the hub's API server.
   * @throws SecurityError RIGHTS_UNKNOWN when it takes too long; KubeError when the API server cannot be asked.
   */
  usable(user: User, clusters: readonly string[], signal?: AbortSignal): Promise<Usable>;
}

export interface UseRightsOptions {
  client: KubeClient;
  clock: Clock;
  /** Within which all has to be answered. Milliseconds. */
  limitMs?: number;
  /** How long a right that was seen is taken to be there; 0: it is asked for each time. Milliseconds. */
  rememberMs?: number;
}

/** The API server gives a webhook 10 s at most, and others wait in the same line. */
const LIMIT_MS = 3000;
const REMEMBER_MS = 30_000;
/** A user of a thousand clusters must not evict all others. */
const MAX_REMEMBERED = 50_000;
const AT_A_TIME = 16;
/** Stands for every cluster: no cluster has this name. */
const EVERY = "*";

/** Asks the API server (SubjectAccessReview): once for all clusters, and only when that is denied once for each. A denial is never remembered. */
export function reviewedUseRights({ client, clock, limitMs = LIMIT_MS, rememberMs = REMEMBER_MS }: UseRightsOptions): UseRights {
  const seen = new PositiveCache<true>(clock, { ttlMs: rememberMs, maxEntries: MAX_REMEMBERED });
  const ask = async (user: User, cluster: string, signal: AbortSignal): Promise<boolean> => {
    const key = `${identityKey(user)} ${cluster}`;
    if (seen.get(key) === true) return true;
    const allowed = isAllowed(await review(client, { user, cluster, signal }));
    if (allowed && rememberMs > 0) seen.put(key, true);
    return allowed;
  };
  return {
    usable: async (user, clusters, outer) => {
      const limit = AbortSignal.timeout(limitMs);
      const signal = outer === undefined ? limit : AbortSignal.any([outer, limit]);
      try {
        if (await ask(user, EVERY, signal)) return "all";
        const answers = await pMap(clusters, (cluster) => ask(user, cluster, signal), { concurrency: AT_A_TIME });
        return new Set(clusters.filter((_, index) => answers[index]));
      } catch (error) {
        throw limit.aborted || isKubeError(error, "TIMEOUT") ? tooSlow(user, clusters.length, limitMs, error) : error;
      }
    },
  };
}

function review(client: KubeClient, { user: { name, ...user }, cluster, signal }: { user: User; cluster: string; signal: AbortSignal }): Promise<unknown> {
  const resourceAttributes = { group: API_GROUP, resource: CLUSTER_REGISTRATIONS.plural, verb: "use", ...(cluster === EVERY ? {} : { name: cluster }) };
  return client.request({
    action: "review a right to use clusters",
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: { user: name, ...user, resourceAttributes } },
    signal,
  });
}

function tooSlow({ name }: User, count: number, limitMs: number, cause: unknown): Error {
  const clusters = `${count} ${count === 1 ? "cluster" : "clusters"}`;
  return rightsUnknown(`whether ${name} may use ${clusters} was not known within ${limitMs / 1000} s: grant use on all clusterregistrations.${API_GROUP}, or name fewer clusters`, cause);
}
