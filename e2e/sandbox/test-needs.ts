import { beforeAll, beforeEach, inject } from "vitest";

/** Says of a suite what it needs; `start` is what else a beforeAll would do. */
export type Need = (start?: () => Promise<void>) => void;

/** The real servers. Without them the suite's tests are skipped, with the reason, and `start` is left out. */
export const needsServers: Need = (start) => needs("etcd, kube-apiserver and nats-server", inject("missingServers"), start);

/** The real servers, and Prometheus and Alertmanager with their tools. */
export const needsObservers: Need = (start) => {
  needs("the servers, Prometheus and Alertmanager", inject("missingServers") || inject("missingObservers"), start);
};

/** The real servers, and an OpenTelemetry collector. */
export const needsCollector: Need = (start) => {
  needs("the servers and an OpenTelemetry collector", inject("missingServers") || inject("missingCollector"), start);
};

/** The real servers, and Helm. */
export const needsHelm: Need = (start) => {
  needs("the servers and Helm", inject("missingServers") || inject("missingHelm"), start);
};

function needs(what: string, missing: string, start?: () => Promise<void>): void {
  if (start !== undefined && missing === "") beforeAll(start);
  beforeEach(({ skip }) => skip(missing !== "", `needs ${what}: ${missing}`));
}
