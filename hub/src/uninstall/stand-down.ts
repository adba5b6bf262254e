import { type Clock, sleep } from "@sightline/shared";
import { isKubeError } from "../kube/errors.ts";
import type { LeaseStore } from "../kube/leases.ts";
import { leaseTerms, type StoredLease } from "../leadership/lease.ts";

/** Holder of the lease while an installation is removed. */
export const UNINSTALLING = "sightline-uninstall";
/** For how long hubs that still run leave everything as it is. */
export const STAND_DOWN_MS = 3_600_000;

const TIMEOUT_MS = 10_000;
/** The holder renews every few seconds: of two writes one may lose. */
const TRIES = 5;

export interface StandDownOptions {
  lease: Pick<LeaseStore, "read" | "replace">;
  clock: Clock;
  /** Told whom it waits for, and how long. */
  waits: (holder: string, ms: number) => void;
}

/**
 * Takes the lease, so that no hub that still runs undoes what follows, and waits until whoever led has surely noticed.
 * @throws KubeError
 */
export async function standHubsDown({ lease, clock, waits }: StandDownOptions): Promise<void> {
  const before = await takeLease(lease, clock);
  if (before === undefined || before.holder === "" || before.holder === UNINSTALLING) return;
  waits(before.holder, before.durationMs);
  await sleep(clock, before.durationMs);
}

/** @returns what the lease said before. */
async function takeLease(lease: StandDownOptions["lease"], clock: Clock): Promise<StoredLease | undefined> {
  for (let tries = 1; ; tries++) {
    const stored = await lease.read(TIMEOUT_MS);
    const at = new Date(clock.now()).toISOString().replace("Z", "000Z");
    try {
      await lease.replace(stored, leaseTerms(stored, { identity: UNINSTALLING, durationMs: STAND_DOWN_MS, at }), TIMEOUT_MS);
      return stored;
    } catch (error) {
      // The namespace is gone, and with it whatever ran there.
      if (stored === undefined && isKubeError(error, "NOT_FOUND")) return undefined;
      if (!isKubeError(error, "CONFLICT", "ALREADY_EXISTS") || tries === TRIES) throw error;
    }
  }
}
