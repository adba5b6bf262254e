import { checkClock } from "./checks/clock.ts";
import { checkClusters } from "./checks/clusters.ts";
import { checkKubernetes, checkReadable } from "./checks/kubernetes.ts";
import { checkMonitors } from "./checks/monitors.ts";
import { checkNats } from "./checks/nats.ts";
import { checkProcesses } from "./checks/processes.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";

/** What doctor reports, as `-o json` prints it. */
export interface Report {
  /** `1` when something failed, `2` when nothing at all could be looked at, otherwise `0`. */
  exitCode: 0 | 1 | 2;
  findings: Finding[];
}

/** Every check over what was seen. Pure. */
export function examine(facts: Facts): Report {
  const findings = [
    ...checkKubernetes(facts),
    ...checkClusters(facts),
    ...checkReadable(facts.kubernetes),
    ...checkMonitors(facts),
    ...checkNats(facts),
    ...checkClocks(facts),
    ...checkProcesses(facts),
  ];
  return { exitCode: exitCodeOf(facts, findings), findings };
}

function exitCodeOf(facts: Facts, findings: readonly Finding[]): Report["exitCode"] {
  if (!sawAnything(facts)) return 2;
  return findings.some(({ state }) => state === "failed") ? 1 : 0;
}

function checkClocks({ kubernetes, nats, hubs }: Facts): Finding[] {
  const hubClocks = hubs.seen ? hubs.value.flatMap(({ url, clock }) => checkClock(url, clock)) : [];
  return [...checkClock("Kubernetes", kubernetes.clock), ...checkClock("NATS", nats.clock), ...hubClocks];
}

function sawAnything({ kubernetes, nats, natsServers, hubs, agents }: Facts): boolean {
  const servers = natsServers.seen ? natsServers.value.map(({ jetstream }) => jetstream) : [];
  const processes = [hubs, agents].flatMap((looked) => (looked.seen ? looked.value.map(({ ready }) => ready) : []));
  return [kubernetes.server, nats.server, ...servers, ...processes].some(({ seen }) => seen);
}
