import { systemClock } from "@sightline/shared";
import { AUTHORIZED_BY_ANNOTATION, type HTTPMonitor } from "@sightline/shared/api";
import type { KubeClient } from "../kube/client.ts";
import { isKubeError } from "../kube/errors.ts";
import type { User } from "../security/access/authenticate.ts";
import { intentHash, intentOf } from "../security/authorship/intent.ts";
import { readRecord } from "../security/authorship/record-schema.ts";
import type { Usable } from "../security/rights/usable.ts";
import { reviewedUseRights } from "../security/rights/use-rights.ts";

/** What can be said of a monitor's record by somebody who has not the hub's key: everything but that it is genuine. */
export interface RecordView {
  author: User;
  /** RFC 3339. */
  time: string;
  /** Whether it is of this very monitor, as it stands. */
  matches: boolean;
  /** Undefined where that may not be asked. */
  usable: Usable | undefined;
}

const LIMIT_MS = 10_000;

/** Reads a monitor's record, and asks what its author may use. @throws KubeError */
export async function readRecordView(client: KubeClient, monitor: HTTPMonitor, clusters: readonly string[]): Promise<RecordView | undefined> {
  const record = readRecord(monitor.metadata.annotations?.[AUTHORIZED_BY_ANNOTATION] ?? "");
  if (record === undefined) return undefined;
  const { user: name, uid, groups, extra, time, monitorUid = monitor.metadata.uid, dryRun } = record;
  const author = { name, uid, groups, extra };
  const matches = dryRun !== true && record.hash === intentHash(intentOf(monitor)) && record.namespace === monitor.metadata.namespace && monitorUid === monitor.metadata.uid;
  return { author, time, matches, usable: await usableBy(client, author, clusters) };
}

async function usableBy(client: KubeClient, author: User, clusters: readonly string[]): Promise<Usable | undefined> {
  try {
    return await reviewedUseRights({ client, clock: systemClock, limitMs: LIMIT_MS }).usable(author, clusters);
  } catch (error) {
    if (isKubeError(error, "FORBIDDEN")) return undefined;
    throw error;
  }
}
