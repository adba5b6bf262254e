import { FIELD_MANAGER } from "@sightline/shared/api";
import type { LeaseTerms, StoredLease } from "../leadership/lease.ts";
import type { KubeClient } from "./client.ts";
import { type ConsistencyLevel, WRITE_CONSISTENCY } from "./consistency.ts";
import { KubeError, unlessNotFound } from "./errors.ts";
import { rawMeta } from "./object-cache.ts";
import { field, textField } from "./raw.ts";
import { collectionPath, keyOf, LEASES, objectPath } from "./resources.ts";

/** The level by which this file is written: each write names what it replaces, and reads are quorum reads. */
const LEVEL: ConsistencyLevel = WRITE_CONSISTENCY["leader-lease"];

/** The Lease by which the replicas of the hub elect the active one. */
export const HUB_LEASE = "http-monitor-operator";

export interface LeaseName {
  namespace: string;
  name: string;
}

/** One Lease of coordination.k8s.io. Every write is a compare-and-set: of two from one picture, one gets through. */
export class LeaseStore {
  readonly #client: KubeClient;
  readonly #name: LeaseName;

  constructor(client: KubeClient, name: LeaseName) {
    this.#client = client;
    this.#name = name;
  }

  /** Asks without a resourceVersion, so that the API server answers by a quorum read. @throws KubeError */
  async read(timeoutMs: number): Promise<StoredLease | undefined> {
    const request = { action: `read lease ${keyOf(this.#name)}`, method: "GET", path: objectPath(LEASES, this.#name), timeoutMs } as const;
    const answer = await unlessNotFound(this.#client.request(request));
    return answer === undefined ? undefined : parseLease(answer);
  }

  /**
   * Writes the Lease in place of what was read, or makes it where there was none.
   * @throws KubeError CONFLICT, ALREADY_EXISTS or NOT_FOUND when it is another one now: nothing was written. After any
   * other error it may have been, or may still be.
   */
  async replace(stored: StoredLease | undefined, terms: LeaseTerms, timeoutMs: number): Promise<StoredLease> {
    const { namespace, name } = this.#name;
    const spec = specOf(terms);
    const query = { fieldManager: FIELD_MANAGER };
    const action = `write lease ${keyOf(this.#name)} (${LEVEL})`;
    if (stored === undefined) {
      const body = { apiVersion: LEASES.apiVersion, kind: LEASES.kind, metadata: { namespace, name }, spec };
      return parseLease(await this.#client.request({ action, method: "POST", path: collectionPath(LEASES, namespace), query, body, timeoutMs }));
    }
    const body = { metadata: { resourceVersion: stored.resourceVersion }, spec };
    return parseLease(await this.#client.request({ action, method: "PATCH", path: objectPath(LEASES, this.#name), query, patch: "merge", body, timeoutMs }));
  }
}

/** A merge patch takes a field away by null; the API server refuses an empty holder. */
function specOf({ holder, durationMs, renewTime, acquireTime, transitions }: LeaseTerms): object {
  const held = holder === "" ? { holderIdentity: null } : { holderIdentity: holder };
  return { ...held, leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)), renewTime, acquireTime, leaseTransitions: transitions };
}

/** @throws KubeError UNAVAILABLE when the value is no Lease. */
export function parseLease(value: unknown): StoredLease {
  const meta = rawMeta(value);
  if (meta === undefined) throw new KubeError("UNAVAILABLE", "the API server's answer is no Lease", { retryable: true });
  const spec = field(value, "spec");
  return {
    resourceVersion: meta.resourceVersion,
    holder: textField(spec, "holderIdentity") ?? "",
    durationMs: numberField(spec, "leaseDurationSeconds") * 1000,
    renewTime: textField(spec, "renewTime") ?? "",
    acquireTime: textField(spec, "acquireTime") ?? "",
    transitions: numberField(spec, "leaseTransitions"),
  };
}

function numberField(value: unknown, name: string): number {
  const found = field(value, name);
  return typeof found === "number" ? found : 0;
}
