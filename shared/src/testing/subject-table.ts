import * as subjects from "../wire/subjects.ts";

/**
 * Every subject that has to do with a cluster, by the export of wire/subjects.ts that builds it: what no other cluster's
 * agent may touch. The type makes a new export an error here until somebody has said what it builds.
 */
type Builders = { readonly [Name in keyof typeof subjects]: (cluster: string) => readonly string[] };

const UID = "3f6c8f0e-0d0a-4a0e-9d5e-0f4f4d3c2b1a";
const nothing = (): readonly string[] => [];
const ordinals = [0, 1, 10];

/** The JetStream API by both of its names: the server's, and the one that agents know it by. */
function api(rest: string): string[] {
  return [`$JS.API.${rest}`, `${subjects.AGENT_JETSTREAM_PREFIX}.${rest}`];
}

const ABOUT_STREAM = ["CREATE", "UPDATE", "DELETE", "PURGE", "INFO", "MSG.GET", "MSG.DELETE", "SNAPSHOT", "RESTORE", "LEADER.STEPDOWN", "PEER.REMOVE"];
const ABOUT_CONSUMER = ["CREATE", "DURABLE.CREATE", "DELETE", "INFO", "MSG.NEXT", "RESET", "PAUSE", "UNPIN", "LEADER.STEPDOWN"];

/** Whoever may use one of these rules over a whole stream. */
function aboutStream(stream: string): string[] {
  return [...ABOUT_STREAM.map((verb) => `STREAM.${verb}.${stream}`), `CONSUMER.CREATE.${stream}`, `CONSUMER.LIST.${stream}`, `CONSUMER.NAMES.${stream}`, `DIRECT.GET.${stream}`, `CONSUMER.MSG.NEXT.${stream}.*`].flatMap(api);
}

function aboutConsumer(consumer: string): string[] {
  const key = `${subjects.ASSIGNMENT_STREAM}.${consumer}`;
  return [...ABOUT_CONSUMER.map((verb) => `CONSUMER.${verb}.${key}`).flatMap(api), `$JS.ACK.${key}.>`, `$JS.ACK.${key}.1.1.1.1.0`];
}

function inbox(prefix: string): string[] {
  return [prefix, `${prefix}.>`, `${prefix}.*`, `${prefix}.answer`, `${prefix}.token.1`];
}

function permitted({ publish, subscribe }: subjects.SubjectPermissions): string[] {
  return [...publish, ...subscribe];
}

const BUILDERS: Builders = {
  ASSIGNMENT_STREAM: () => aboutStream(subjects.ASSIGNMENT_STREAM),
  RESULT_STREAM: () => aboutStream(subjects.RESULT_STREAM),
  CHECKPOINT_STREAM: () => aboutStream(subjects.CHECKPOINT_STREAM),
  PARKED_STREAM: () => aboutStream(subjects.PARKED_STREAM),
  PARTITIONS: nothing,
  AGENT_JETSTREAM_PREFIX: () => [">", "INFO", "STREAM.LIST", "STREAM.NAMES", "ACCOUNT.PURGE.AGENTS", "META.LEADER.STEPDOWN"].flatMap(api),
  AGENT_ORDINAL: nothing,
  isClusterId: nothing,
  isUid: nothing,
  ASSIGNMENT_SUBJECTS: () => [subjects.ASSIGNMENT_SUBJECTS],
  headSubject: (cluster) => [subjects.headSubject(cluster), ...api(`DIRECT.GET.${subjects.ASSIGNMENT_STREAM}.${subjects.headSubject(cluster)}`)],
  assignmentSubject: (cluster) => [subjects.assignmentSubject(cluster, UID)],
  clusterAssignmentSubjects: (cluster) => [subjects.clusterAssignmentSubjects(cluster)],
  parseAssignmentSubject: nothing,
  agentConsumer: (cluster) => ordinals.flatMap((ordinal) => aboutConsumer(subjects.agentConsumer(cluster, ordinal))),
  RESULT_SUBJECTS: () => [subjects.RESULT_SUBJECTS],
  partitionOf: nothing,
  resultSubject: (cluster) => Array.from({ length: subjects.PARTITIONS }, (_, partition) => subjects.resultSubject(partition, cluster)),
  partitionSubjects: () => [subjects.partitionSubjects(3)],
  parseResultSubject: nothing,
  CHECKPOINT_SUBJECTS: () => [subjects.CHECKPOINT_SUBJECTS],
  checkpointSubject: () => [subjects.checkpointSubject(3)],
  checkpointChunkSubject: () => [subjects.checkpointChunkSubject(3, 0)],
  HEARTBEAT_SUBJECTS: () => [subjects.HEARTBEAT_SUBJECTS],
  heartbeatSubject: (cluster) => [subjects.heartbeatSubject(cluster)],
  parseHeartbeatSubject: nothing,
  ENROL_SUBJECTS: () => [subjects.ENROL_SUBJECTS],
  RENEW_SUBJECTS: () => [subjects.RENEW_SUBJECTS],
  enrolSubject: (cluster) => [subjects.enrolSubject(cluster)],
  renewSubject: (cluster) => [subjects.renewSubject(cluster)],
  parseIdentitySubject: nothing,
  PARKED_SUBJECTS: () => [subjects.PARKED_SUBJECTS],
  parkedSubject: () => [subjects.parkedSubject("results")],
  agentInboxPrefix: (cluster) => inbox(subjects.agentInboxPrefix(cluster)),
  joinInboxPrefix: (cluster) => inbox(subjects.joinInboxPrefix(cluster)),
  importedServices: () => subjects.importedServices().flatMap(({ subject, local }) => [subject, local]),
  joinPermissions: (cluster) => permitted(subjects.joinPermissions(cluster)),
  restingPermissions: (cluster) => permitted(subjects.restingPermissions(cluster)),
  agentPermissions: (cluster) => ordinals.flatMap((ordinal) => permitted(subjects.agentPermissions(cluster, ordinal))),
};

/** What reaches into everybody's, and NATS' own: by no builder of ours. */
const WHOLE = [">", "*", "*.>", "*.*", "*.*.*", "_INBOX.>", "_INBOX.answer", "$KV.>", "$JS.>", "$JS.ACK.>", "$JS.EVENT.>", "$JS.FC.>", "$SYS.>", "$SYS.REQ.SERVER.PING", "$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.USER.INFO", "$SRV.PING", "_R_.>", "lease.>"];

/**
 * The subjects of one cluster, by what builds them. Literal ones and patterns: who publishes needs the one, who subscribes
 * may try the other.
 * @throws Error for an export of wire/subjects.ts that the table does not know.
 */
export function subjectTable(cluster: string): ReadonlyMap<string, readonly string[]> {
  const known = new Map(Object.entries(BUILDERS));
  const table = new Map<string, readonly string[]>([["whole", [...WHOLE, `*.${cluster}`, `*.*.${cluster}`, `$KV.*.${cluster}.>`]]]);
  for (const name of Object.keys(subjects)) {
    const build = known.get(name);
    if (build === undefined) throw new Error(`wire/subjects.ts exports ${name}, of which the table of subjects does not know what it builds`);
    table.set(name, build(cluster));
  }
  return table;
}

/** All of the table, each once. */
export function subjectsAround(cluster: string): string[] {
  return [...new Set([...subjectTable(cluster).values()].flat())];
}

/** NATS subject matching: `*` is one token, `>` the rest. Of a pattern as `subject`: whether all that it matches is matched. */
export function subjectMatches(pattern: string, subject: string): boolean {
  const [want, have] = [pattern.split("."), subject.split(".")];
  for (const [index, token] of want.entries()) {
    if (token === ">") return have.length > index;
    if (have[index] === ">" || (token !== "*" && token !== have[index])) return false;
  }
  return want.length === have.length;
}
