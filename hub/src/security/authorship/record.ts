import { canonicalJson } from "@sightline/shared";
import { AUTHORIZED_BY_ANNOTATION, type HTTPMonitor } from "@sightline/shared/api";
import { isSignedBy, type SigningKey } from "@sightline/shared/identity";
import type { User } from "../access/authenticate.ts";
import { intentHash, intentOf, type MonitorIntent } from "./intent.ts";
import { readRecord } from "./record-schema.ts";

/**
 * Who asked for a monitor as it stands, signed by the hub: the annotation `authorized-by`. The webhook writes it, the
 * controller places nothing without it. It holds for one monitor and one intent only, so a copy is worth nothing.
 */
export interface AuthorizationRecord {
  version: 1;
  user: string;
  uid: string;
  groups: string[];
  extra: Record<string, string[]>;
  namespace: string;
  /** The monitor's name; where the API server was still to make it of `generateName`, `namePrefix` instead. */
  name?: string;
  namePrefix?: string;
  /** The monitor's UID; absent when it had none yet. Then the record holds for an object made at that time only. */
  monitorUid?: string;
  /** Of the intent. */
  hash: string;
  /** Made while nothing was to be stored: it counts in that dry run only, of which the audit log says that nothing came. */
  dryRun?: true;
  /** What was allowed, so that it can go on while a later, unauthorised change stands there. Left out when it is very long. */
  intent?: MonitorIntent;
  /** RFC 3339. */
  time: string;
  /** Ed25519, base64, over all of the above. */
  signature: string;
}

/** How long after the record its object may be made, and how far both clocks may differ. Milliseconds. */
export const CREATION_WINDOW_MS = 300_000;

/** Annotations of an object have 256 KiB together; kubectl's own takes its share. Bytes. */
const MAX_INTENT = 60_000;
/** The same, for what the authenticator tells of a user. Bytes. */
export const MAX_IDENTITY = 60_000;

const DOMAIN = "sightline authorization record v1\n";

/** What a record is about. */
export interface RecordSubject {
  namespace: string;
  /** Empty where `generateName` is still to make it. */
  name: string;
  namePrefix: string;
  uid: string | undefined;
  /** Whether nothing is to be stored. */
  dryRun?: boolean;
  intent: MonitorIntent;
}

/** Makes and signs the record of a change that was allowed. */
export function makeRecord(key: SigningKey, { name: user, uid, groups, extra }: User, subject: RecordSubject, nowMs: number): AuthorizationRecord {
  const { namespace, name, namePrefix, intent } = subject;
  const unsigned: Omit<AuthorizationRecord, "signature"> = {
    version: 1,
    user,
    uid,
    groups,
    extra,
    namespace,
    ...(name === "" ? { namePrefix } : { name }),
    ...(subject.uid === undefined ? {} : { monitorUid: subject.uid }),
    ...(subject.dryRun === true ? { dryRun: true as const } : {}),
    hash: intentHash(intent),
    ...(sizeOf(intent) > MAX_INTENT ? {} : { intent }),
    time: new Date(nowMs).toISOString(),
  };
  return { ...unsigned, signature: Buffer.from(key.sign(signedText(unsigned))).toString("base64") };
}

/** Whom a record names, as the API server knew them. */
export function recordedUser({ user: name, uid, groups, extra }: AuthorizationRecord): User {
  return { name, uid, groups, extra };
}

/** Whether a user's identity is short enough to be recorded. */
export function isRecordable({ name, uid, groups, extra }: User): boolean {
  return sizeOf([name, uid, groups, extra]) <= MAX_IDENTITY;
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(canonicalJson(value));
}

function signedText({ signature: _signature, ...unsigned }: Omit<AuthorizationRecord, "signature"> & { signature?: string }): Uint8Array {
  return Buffer.from(DOMAIN + canonicalJson(unsigned));
}

/** What a monitor's record is worth. */
export type Judgement =
  | { kind: "valid"; record: AuthorizationRecord }
  /** The hub signed it for this very monitor, but for another spec or placement: somebody changed them behind the hub's back. */
  | { kind: "outdated"; record: AuthorizationRecord; problem: string }
  /** It proves nothing. */
  | { kind: "worthless"; problem: string };

type Subject = Pick<HTTPMonitor, "metadata" | "spec">;

/** Judges the record that a monitor carries by the hub's public keys. `dryRun`: whether nothing of it is to be stored. Pure. */
export function judgeRecord(monitor: Subject, publicKeys: readonly string[], { dryRun = false } = {}): Judgement {
  const text = monitor.metadata.annotations?.[AUTHORIZED_BY_ANNOTATION] ?? "";
  if (text === "") return worthless("it has no record of who asked for it");
  const record = readRecord(text);
  if (record === undefined) return worthless("its record of who asked for it cannot be read");
  if (!isGenuine(record, publicKeys)) return worthless("its record of who asked for it is not signed by this hub");
  const foreign = foreignness(record, monitor, dryRun);
  if (foreign !== undefined) return worthless(foreign);
  if (record.hash === intentHash(intentOf(monitor))) return { kind: "valid", record };
  return { kind: "outdated", record, problem: "its spec or placement was changed without a review, after the record of who asked for it" };
}

function worthless(problem: string): Judgement {
  return { kind: "worthless", problem };
}

function isGenuine(record: AuthorizationRecord, publicKeys: readonly string[]): boolean {
  const text = signedText(record);
  const signature = Buffer.from(record.signature, "base64");
  return publicKeys.some((key) => isSignedBy(key, text, signature));
}

/** Why a genuine record is another monitor's, or of nothing that was stored; undefined when it is neither. */
function foreignness(record: AuthorizationRecord, { metadata }: Subject, dryRun: boolean): string | undefined {
  if (record.dryRun === true && !dryRun) return "its record of who asked for it was made for a dry run";
  if (record.namespace !== (metadata.namespace ?? "") || !hasName(record, metadata.name)) return "its record of who asked for it is another monitor's";
  if (record.monitorUid === metadata.uid) return undefined;
  if (record.monitorUid !== undefined) return "its record of who asked for it is that of an earlier monitor of its name";
  const madeAfter = Math.abs(Date.parse(metadata.creationTimestamp ?? "") - Date.parse(record.time));
  return madeAfter <= CREATION_WINDOW_MS ? undefined : "its record of who asked for it was made at another time than the monitor";
}

function hasName({ name, namePrefix }: AuthorizationRecord, given: string): boolean {
  return name === undefined ? namePrefix !== undefined && namePrefix !== "" && given.startsWith(namePrefix) : name === given;
}
