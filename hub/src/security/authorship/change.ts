import { canonicalJson } from "@sightline/shared";
import { AUTHORIZED_BY_ANNOTATION, type HTTPMonitor, ObjectError, parseHTTPMonitor } from "@sightline/shared/api";
import type { AdmissionRequest, JsonPatchOperation } from "../../admission/types.ts";
import { field, textField } from "../../kube/raw.ts";
import { intentHash, intentOf } from "./intent.ts";
import { type AuthorizationRecord, judgeRecord, recordedUser, type RecordSubject } from "./record.ts";
import { identityKey } from "../rights/usable.ts";

/** What a request does to a monitor, as far as somebody has to answer for it. */
export type MonitorChange =
  /** Nothing: spec, placement and record stay, or the object is on its way out. */
  | { kind: "none" }
  /** Of the record alone: somebody's own making, unless it is what the first webhook has just written. */
  | ({ kind: "record" } & Answerable)
  /** To be reviewed: another spec or placement, or the record was taken away, by which somebody asks for a review. */
  | ({ kind: "intent" } & Answerable);

/** What somebody answers for. */
export interface Answerable {
  monitor: HTTPMonitor;
  subject: RecordSubject;
}

/** How long a record that was just made may take from the first webhook to the last. Milliseconds. */
const FRESH_MS = 60_000;

/** What a request about an HTTPMonitor does. Pure. @throws ObjectError for an object that does not follow its schema. */
export function changeOf(request: AdmissionRequest): MonitorChange {
  const monitor = monitorIn(request.object, request);
  const subject = subjectOf(request, monitor);
  const change: MonitorChange = { kind: "intent", monitor, subject };
  const before = request.operation === "UPDATE" ? stored(request) : undefined;
  if (before === undefined) return change;
  if (before.metadata.deletionTimestamp !== undefined) return { kind: "none" };
  const [now, then] = [recordText(monitor), recordText(before)];
  if (intentHash(subject.intent) !== intentHash(intentOf(before)) || now === "") return change;
  return now === then ? { kind: "none" } : { ...change, kind: "record" };
}

/** What stands now; undefined for what an older schema let in: whoever changes that answers for all of it. */
function stored(request: AdmissionRequest): HTTPMonitor | undefined {
  try {
    return monitorIn(request.oldObject, request);
  } catch (error) {
    if (error instanceof ObjectError) return undefined;
    throw error;
  }
}

/** The API server names an object of `generateName` only after the first webhook. */
function subjectOf({ namespace, operation, oldObject, dryRun }: AdmissionRequest, monitor: HTTPMonitor): RecordSubject {
  const { name } = monitor.metadata;
  const namePrefix = textField(monitor.metadata, "generateName") ?? "";
  const uid = operation === "UPDATE" ? textField(field(oldObject, "metadata"), "uid") : undefined;
  return { namespace, name, namePrefix, uid, dryRun, intent: intentOf(monitor) };
}

/**
 * The record that a request carries, when the hub made it a moment ago for this very change by this very user, with all
 * that is known of them; undefined otherwise. It says that somebody has been reviewed, not that this request has: a copy
 * looks the same. An object that is being made has neither a UID nor an age that would mean anything.
 */
export function freshRecord(request: AdmissionRequest, { monitor, subject }: Answerable, keys: readonly string[], nowMs: number): AuthorizationRecord | undefined {
  const { metadata, spec } = monitor;
  const made = { ...metadata, name: subject.name === "" ? subject.namePrefix : subject.name, namespace: subject.namespace };
  const stored = subject.uid === undefined ? { ...made, uid: "", creationTimestamp: new Date(nowMs).toISOString() } : { ...made, uid: subject.uid };
  const judged = judgeRecord({ metadata: stored, spec }, keys, request);
  if (judged.kind !== "valid" || identityKey(recordedUser(judged.record)) !== identityKey(request.user)) return undefined;
  return Math.abs(nowMs - Date.parse(judged.record.time)) <= FRESH_MS ? judged.record : undefined;
}

/** Whether a request does to a ClusterRegistration what the hub does when another agent has taken a cluster's place, and no more. Pure. */
export function takesBackAcceptance({ kind, operation, object, oldObject }: AdmissionRequest): boolean {
  if (kind !== "ClusterRegistration" || operation !== "UPDATE") return false;
  const [now, then] = [field(object, "spec"), field(oldObject, "spec")];
  const isTakenBack = field(then, "accepted") === true && field(now, "accepted") === false;
  return isTakenBack && withoutAcceptance(now) === withoutAcceptance(then) && labelsIn(object) === labelsIn(oldObject);
}

function withoutAcceptance(spec: unknown): string {
  return canonicalJson({ ...(typeof spec === "object" ? spec : {}), accepted: null });
}

function labelsIn(object: unknown): string {
  return canonicalJson(field(field(object, "metadata"), "labels") ?? {});
}

/** Puts a record into the object. */
export function recordPatch(object: unknown, record: AuthorizationRecord): JsonPatchOperation[] {
  const value = JSON.stringify(record);
  const annotations = field(field(object, "metadata"), "annotations");
  if (annotations === undefined || annotations === null) return [{ op: "add", path: "/metadata/annotations", value: { [AUTHORIZED_BY_ANNOTATION]: value } }];
  return [{ op: "add", path: `/metadata/annotations/${AUTHORIZED_BY_ANNOTATION.replaceAll("~", "~0").replaceAll("/", "~1")}`, value }];
}

function recordText({ metadata }: HTTPMonitor): string {
  return metadata.annotations?.[AUTHORIZED_BY_ANNOTATION] ?? "";
}

/** An object that is being made lacks what the API server gives it. */
function monitorIn(object: unknown, { name, namespace }: AdmissionRequest): HTTPMonitor {
  const metadata = field(object, "metadata");
  const given = typeof metadata === "object" && metadata !== null ? metadata : {};
  const whole = { name, namespace, uid: "", resourceVersion: "", ...given };
  return parseHTTPMonitor(typeof object === "object" && object !== null ? { ...object, metadata: whole } : object);
}
