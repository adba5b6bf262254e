import { beforeAll, beforeEach, inject } from "vitest";

/**
 * Says of a suite that it needs the real servers. Without them its tests are skipped, with the reason, and `start`
 * (what else a beforeAll would do) is left out.
 */
export function needsServers(start?: () => Promise<void>): void {
  const missing = inject("missingServers");
  if (start !== undefined && missing === "") beforeAll(start);
  beforeEach(({ skip }) => skip(missing !== "", `needs etcd, kube-apiserver and nats-server: ${missing}`));
}
