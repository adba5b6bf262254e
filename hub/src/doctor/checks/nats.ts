import type { Drift, ServerReport, StreamReport } from "@sightline/shared/nats";
import type { Facts, NatsFacts } from "../facts.ts";
import { Check, type CheckName, count, type Finding, isDenied, type Looked, whenReached, whenSeen } from "../finding.ts";
import { isAtLeast, parseVersion, type Version } from "../version.ts";
import { size } from "../size.ts";
import { checkServers } from "./nats-servers.ts";

/** Older ones lack the consumer reset, or have known ways to lose data (docs/operate). */
const OLDEST: Version = { major: 2, minor: 14, patch: 5 };
/** Shares of an account's limit. */
const MUCH = 0.8;

const MAY_NOT_LOOK = "This key may not look. Give the hub's, or that of a user as in \"What it needs to see\" of docs/operate/doctor.md.";

/** NATS as the hub's user sees it, and its servers as their monitoring endpoints do. */
export function checkNats({ nats, natsServers }: Pick<Facts, "nats" | "natsServers">): Finding[] {
  return [...checkReachable(nats), ...checkVersion(nats), ...checkAccount(nats), ...checkStreams(nats), ...checkReplicas(nats), ...checkConsumers(nats), ...checkServers(natsServers)];
}

function checkReachable({ server }: NatsFacts): Finding[] {
  return whenReached("nats.reachable", server, adviceFor(server), ({ name, tls }, check) => {
    if (!tls) check.warning(`${name} answers, without TLS`, { advice: "Configure TLS: assignments may hold credentials of targets." });
    return check.elseOk(`${name} answers over TLS, and accepts the key`);
  });
}

function adviceFor(server: Looked<unknown>): string {
  const why = server.seen ? "" : server.why;
  if (/authorization violation/i.test(why)) return "The server has no user of this NKey: compare it with the server's accounts.";
  if (/certificate/i.test(why)) return "Name the authority of the server's certificate by --nats-ca, and the server by a name that stands in it.";
  return "Look whether the server runs, whether this machine may reach it, and whether the address is right.";
}

function checkVersion({ server }: NatsFacts): Finding[] {
  return whenSeen("nats.version", server, ({ version: text }: ServerReport, check) => {
    const version = parseVersion(text);
    if (version === undefined) check.warning(`the version of nats-server cannot be read: ${text}`);
    else if (!isAtLeast(version, OLDEST)) check.warning(`nats-server is ${text}`, { advice: "Use 2.14.5 or newer: agents start over by a request that 2.14 brought." });
    return check.elseOk(`nats-server ${text}`);
  });
}

/** What the key may not see is mended by another key: nobody shall take it for a look that can wait. */
function whenAllowed<T>(check: CheckName, looked: Looked<T>, decide: (value: T, check: Check) => Finding[]): Finding[] {
  return isDenied(looked) ? new Check(check).failed(looked.why, { advice: MAY_NOT_LOOK }).findings : whenSeen(check, looked, decide);
}

function checkAccount({ account }: NatsFacts): Finding[] {
  return whenAllowed("nats.jetstream", account, (report, check) => {
    if (report === undefined) return check.failed("JetStream is off, for this account or altogether", { advice: "Turn JetStream on for the hub's account." }).findings;
    const { storage, memory, maxStorage, maxMemory } = report;
    const advice = "Raise the account's limit, or let streams hold less.";
    if (maxStorage > 0 && storage > MUCH * maxStorage) check.warning(`the account uses ${size(storage)} of its ${size(maxStorage)} of storage`, { advice });
    if (maxMemory > 0 && memory > MUCH * maxMemory) check.warning(`the account uses ${size(memory)} of its ${size(maxMemory)} of memory`, { advice });
    return check.elseOk(`JetStream is on; the account uses ${size(storage)} of storage${maxStorage > 0 ? `, of ${size(maxStorage)}` : ", without a limit of its own"}`);
  });
}

function checkStreams({ streams }: NatsFacts): Finding[] {
  return whenAllowed("nats.streams", streams, (reports, check) => {
    for (const { name: where, exists, drift, led } of reports) {
      const advice = "The hub that leads sets it right within 5 s: look at its log if this stays, and who changes streams by hand.";
      if (!exists) check.failed("this stream is not there", { where, advice });
      else if (drift.length > 0) check.failed(driftText(drift), { where, advice });
      else if (!led) check.failed("nobody leads this stream: it takes no messages", { where, advice: "Bring up the NATS servers that it is replicated to." });
    }
    return check.elseOk(`${count(reports.length, "stream")}, all as they should be`);
  });
}

function checkReplicas({ streams }: NatsFacts): Finding[] {
  return whenSeen("nats.replicas", streams, (reports, check) => {
    const alone = reports.filter(({ exists, replicas }) => exists && replicas < 3);
    if (alone.length > 0) {
      const numbers = [...new Set(alone.map(({ replicas }) => `R${replicas}`))].join(" and ");
      check.warning(`${count(alone.length, "stream")} of ${numbers}: good for a laptop only`, { advice: "Run three NATS servers, and the hub with --nats-replicas 3." });
    }
    for (const report of reports) {
      const trouble = peerTrouble(report);
      if (trouble !== undefined) check.failed(trouble, { where: report.name, advice: "Bring the NATS server back. Never remove a peer while another one is away." });
    }
    return check.elseOk(`${count(reports.length, "stream")}, each with three replicas or more, and every peer there`);
  });
}

function peerTrouble({ exists, replicas, peers }: StreamReport): string | undefined {
  if (!exists || replicas === 1) return undefined;
  const trouble = peers.filter(({ offline, current }) => offline || !current).map(({ name, offline }) => `${name} is ${offline ? "away" : "behind"}`);
  if (peers.length < replicas - 1) trouble.push(`${count(replicas - 1 - peers.length, "replica")} without a server`);
  return trouble.length === 0 ? undefined : trouble.join(", ");
}

function checkConsumers({ consumers }: NatsFacts): Finding[] {
  return whenAllowed("nats.consumers", consumers, (byCluster, check) => {
    const advice = "The hub that leads makes it: look at its log if this stays.";
    for (const [where, drift] of byCluster) {
      if (drift === undefined) check.failed("its agent has no consumer, and cannot read its assignments", { where, advice });
      else if (drift.length > 0) check.failed(`its agent's consumer: ${driftText(drift)}`, { where, advice });
    }
    return check.elseOk(`${count(byCluster.size, "consumer")}, one for each accepted cluster`);
  });
}

/** Each setting with what it is and what it should be. */
function driftText(drift: readonly Drift[]): string {
  return drift.map(({ field, have, want }) => `${field} is ${JSON.stringify(have) ?? "absent"}, not ${JSON.stringify(want)}`).join("; ");
}
