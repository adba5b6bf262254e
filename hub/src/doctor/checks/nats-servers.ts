import { formatDuration } from "@sightline/shared";
import type { NatsServerFacts, ServerJetStream } from "../facts.ts";
import { type Check, type CheckName, type Finding, type Looked, whenSeen } from "../finding.ts";
import { size } from "../size.ts";

/** What one transaction of the hub may hold: two messages for each cluster of a monitor. */
const WANTED_BATCH = 10_000;
/** Longer than this, and a loss of power costs more than a probe or two. Milliseconds. */
const SYNC_LIMIT_MS = 10_000;
/** Shares of what a server may use. */
const MUCH = 0.8;
const NEARLY_ALL = 0.95;

type Say = (server: ServerJetStream, check: Check, where: string) => void;

/** What only a server's own monitoring endpoint shows. */
export function checkServers(servers: Looked<readonly NatsServerFacts[]>): Finding[] {
  return [
    ...eachServer("nats.batch", servers, sayBatch),
    ...eachServer("nats.sync", servers, saySync),
    ...eachServer("nats.storage", servers, sayStorage),
  ];
}

function eachServer(name: CheckName, servers: Looked<readonly NatsServerFacts[]>, say: Say): Finding[] {
  return whenSeen(name, servers, (all, check) => {
    for (const { url, jetstream } of all) {
      if (jetstream.seen) say(jetstream.value, check, url);
      else check.unchecked(jetstream.why, { where: url });
    }
    return check.findings;
  });
}

function sayBatch({ maxBatch }: ServerJetStream, check: Check, where: string): void {
  const text = `a batch may hold ${maxBatch} messages`;
  if (maxBatch >= WANTED_BATCH) check.ok(text, { where });
  else check.warning(`${text}, so a monitor may run in ${Math.floor(maxBatch / 2)} clusters at most`, { where, advice: `Set jetstream { limits { batch { max_msgs: ${WANTED_BATCH} } } } in its configuration.` });
}

function saySync({ syncEveryMs }: ServerJetStream, check: Check, where: string): void {
  if (syncEveryMs === 0) check.ok("each message is on disk before it is acknowledged", { where });
  else if (syncEveryMs <= SYNC_LIMIT_MS) check.ok(`messages are on disk within ${formatDuration(syncEveryMs)}`, { where });
  else {
    const message = `sync_interval is ${formatDuration(syncEveryMs)}: a loss of power may take what was acknowledged since`;
    check.warning(message, { where, advice: "In production set sync_interval: always, with three replicas. The hub writes lost assignments again; lost results stay lost." });
  }
}

function sayStorage({ storage, memory, reservedStorage, maxStorage, maxMemory }: ServerJetStream, check: Check, where: string): void {
  const used = Math.max(share(storage, maxStorage), share(memory, maxMemory));
  const text = `${size(storage)} of ${size(maxStorage)} of storage used (${size(reservedStorage)} reserved), ${size(memory)} of ${size(maxMemory)} of memory`;
  if (used > NEARLY_ALL) check.failed(text, { where, advice: "Make room: a full server takes no results and no assignments." });
  else if (used > MUCH) check.warning(text, { where, advice: "Make room before it is full." });
  else if (share(reservedStorage, maxStorage) > 1) check.warning(`${text}: streams may grow beyond what there is`, { where, advice: "Raise max_file_store, or the disk." });
  else check.ok(text, { where });
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
