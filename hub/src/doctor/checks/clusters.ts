import { abridged, formatDuration } from "@sightline/shared";
import { type ClusterRegistration, findCondition, isConditionTrue } from "@sightline/shared/api";
import type { HeadReport } from "@sightline/shared/nats";
import { CLOCK_OFF } from "../../controllers/clusterregistration/decide.ts";
import type { Facts } from "../facts.ts";
import { count, type Finding, type Looked, seconds, whenSeen } from "../finding.ts";
import { distance, parseVersion } from "../version.ts";

/** A registration's status is written once a minute at least where something is new. Milliseconds. */
const SYNC_LIMIT_MS = 120_000;

type Clusters = readonly ClusterRegistration[];

/** The member clusters, as their registrations show them. */
export function checkClusters({ kubernetes, nats, now, version }: Facts): Finding[] {
  const { registrations } = kubernetes;
  const all: Looked<Clusters> = registrations.seen ? { seen: true, value: registrations.value.objects } : registrations;
  const accepted: Looked<Clusters> = all.seen ? { seen: true, value: all.value.filter(isAccepted) } : all;
  return [...checkAccepted(all), ...checkReporting(accepted, now), ...checkSynced(accepted, nats.heads, now), ...checkClocks(accepted), ...checkVersions(accepted, version)];
}

export function isAccepted({ spec }: ClusterRegistration): boolean {
  return spec.accepted === true;
}

function checkAccepted(clusters: Looked<Clusters>): Finding[] {
  return whenSeen("clusters.accepted", clusters, (all, check) => {
    const not = namesOf(all.filter((cluster) => !isAccepted(cluster)));
    if (all.length === 0) check.warning("no cluster is registered, so nothing is probed", { advice: "Create a ClusterRegistration for each member cluster." });
    if (not.length > 0) check.warning(`${count(not.length, "cluster")} not accepted: ${abridged(not)}`, { advice: "Set spec.accepted to true to let monitors run there." });
    return check.elseOk(`${count(all.length, "cluster")}, all accepted`);
  });
}

function checkReporting(clusters: Looked<Clusters>, now: number): Finding[] {
  return whenSeen("clusters.reporting", clusters, (accepted, check) => {
    for (const cluster of accepted) {
      const { name: where } = cluster.metadata;
      if (!isDisbelieved(cluster) && !isConditionTrue(cluster.status?.conditions, "Joined")) {
        check.warning("its agent has never reported", { where, advice: "Start an agent with --cluster of this name, and look at its log." });
      } else if (!isConditionTrue(cluster.status?.conditions, "Available")) check.failed(...silenceOf(cluster));
    }
    return check.elseOk(`the agents of ${count(accepted.length, "cluster")} report${longestSilence(accepted, now)}`);
  });
}

function silenceOf(cluster: ClusterRegistration): [message: string, more: Pick<Finding, "where" | "advice">] {
  const { metadata, status } = cluster;
  const where = metadata.name;
  if (isDisbelieved(cluster)) {
    const message = findCondition(status?.conditions, "Available")?.message ?? "";
    return [message, { where, advice: "Let its nodes follow a time source (NTP); where every cluster says so, the hub's." }];
  }
  const since = status?.lastHeartbeatTime;
  return [`silent${since === undefined ? "" : `, last heard at ${since}`}`, { where, advice: "Look whether its agent runs and reaches NATS." }];
}

function isDisbelieved({ status }: ClusterRegistration): boolean {
  return findCondition(status?.conditions, "Available")?.reason === CLOCK_OFF;
}

/** An agent that stopped a moment ago still counts as reporting: that is for the reader to see. */
function longestSilence(clusters: Clusters, now: number): string {
  const heard = clusters.map(({ metadata: { name }, status }) => ({ name, at: Date.parse(status?.lastHeartbeatTime ?? "") })).filter(({ at }) => !Number.isNaN(at));
  const [last] = heard.toSorted((a, b) => a.at - b.at);
  return last === undefined ? "" : `; ${last.name} was last heard ${seconds(Math.max(0, now - last.at))} ago, by a status that may be a minute old`;
}

function checkSynced(clusters: Looked<Clusters>, heads: Looked<readonly HeadReport[]>, now: number): Finding[] {
  return whenSeen("clusters.synced", clusters, (accepted, check) => {
    const reporting = accepted.filter((cluster) => isConditionTrue(cluster.status?.conditions, "Available"));
    const stored = new Map(heads.seen ? heads.value.map((head) => [head.cluster, head]) : []);
    for (const { cluster: where, unreadable } of stored.values()) {
      if (unreadable !== undefined) check.failed(`the head of its assignments cannot be read: ${unreadable}`, { where, advice: "The hub that leads writes it anew: look at its log if this stays, and who else writes to the stream KV_assign." });
    }
    for (const cluster of reporting.filter(isBehind)) {
      const { name: where } = cluster.metadata;
      const head = stored.get(where);
      const synced = `it has acknowledged ${cluster.status?.synced ?? "nothing yet"}`;
      if (head === undefined) check.unchecked(`${synced}; for how long is only known by looking at NATS${heads.seen ? "" : `: ${heads.why}`}`, { where });
      else if (now - head.storedAt > SYNC_LIMIT_MS) {
        check.failed(`${synced}, of what was assigned ${seconds(now - head.storedAt)} ago`, { where, advice: "Its agent reports, and does not take its assignments: look at its log, and at its consumer in NATS." });
      }
    }
    return check.elseOk(`${count(reporting.length, "reporting agent")}: each holds what it was assigned, or has had it for less than ${formatDuration(SYNC_LIMIT_MS)}`);
  });
}

/** By its status, which may be a minute behind. */
function isBehind({ status = {} }: ClusterRegistration): boolean {
  const { assignedEpoch = 0, assignedGeneration = 0, acknowledgedEpoch = 0, acknowledgedGeneration = 0 } = status;
  return assignedEpoch === acknowledgedEpoch ? acknowledgedGeneration < assignedGeneration : acknowledgedEpoch < assignedEpoch;
}

function checkClocks(clusters: Looked<Clusters>): Finding[] {
  return whenSeen("clusters.clock", clusters, (accepted, check) => {
    const off = accepted.flatMap((cluster) => {
      const condition = findCondition(cluster.status?.conditions, "ClockSynced");
      return condition?.status === "False" ? [{ where: cluster.metadata.name, message: condition.message }] : [];
    });
    for (const { where, message } of off) check.warning(message, { where, advice: "Let its nodes follow a time source (NTP)." });
    return check.elseOk("no agent's clock is known to be off");
  });
}

function checkVersions(clusters: Looked<Clusters>, version: string): Finding[] {
  return whenSeen("clusters.version", clusters, (accepted, check) => {
    const own = parseVersion(version);
    for (const { metadata, status } of accepted) {
      const text = status?.agentVersion;
      if (text === undefined) continue;
      const theirs = parseVersion(text);
      const more = { where: metadata.name, advice: "Hub and agents understand each other within one minor version: bring the older one up." };
      if (theirs === undefined || own === undefined) check.warning(`its agent's version cannot be read: ${text}`, { where: metadata.name });
      else if (distance(theirs, own) === "far") check.failed(`its agent is ${text}, this is ${version}`, more);
    }
    return check.elseOk(`every agent that says its version is within one minor version of ${version}`);
  });
}

function namesOf(clusters: Clusters): string[] {
  return clusters.map(({ metadata }) => metadata.name);
}
