import { formatDuration } from "@sightline/shared";
import { type ClusterRegistration, type ClusterRegistrationStatus, type Condition, type ConditionState, findCondition, isConditionTrue, rfc3339, setCondition } from "@sightline/shared/api";
import type { Heartbeat, Position } from "@sightline/shared/wire";
import type { EventNote } from "../../kube/events.ts";
import { MAX_CLOCK_OFFSET_MS as MAX_BELIEVED_MS } from "../../agents/belief.ts";
import type { ClusterLiveness } from "../../agents/liveness.ts";
import type { HeartbeatNumbers } from "../../agents/settings.ts";

/** Everything that a registration's status is made of. */
export interface RegistrationView {
  registration: ClusterRegistration;
  liveness: ClusterLiveness | undefined;
  heartbeat: Heartbeat | undefined;
  numbers: HeartbeatNumbers;
  assigned: number;
  /** The cluster's head, or undefined when it has none yet. */
  head: Position | undefined;
  /** Hub's clock, milliseconds. */
  now: number;
}

/** An offset above this sets ClockSynced=False. Milliseconds. */
const MAX_CLOCK_OFFSET_MS = 2000;

/** Why a cluster is not Available whose agent has never been heard: its first heartbeat is no news to wake anybody for. */
const NEVER_HEARD = "NoHeartbeatYet";

/** Why a cluster is not Available whose agent says times that are too far from the hub's. */
export const CLOCK_OFF = "ClockOff";

/** The conditions of a ClusterRegistration, as docs/reference lists them. */
export const REGISTRATION_CONDITIONS = ["Accepted", "Joined", "Available", "ClockSynced"] as const;

/** Others' conditions are left alone. */
const OUR_CONDITIONS: ReadonlySet<string> = new Set(REGISTRATION_CONDITIONS);

type Say = Pick<ConditionState, "status" | "reason" | "message">;

/** The status that a registration should show. What was not heard anew stays as it was. Pure. */
export function decideStatus(view: RegistrationView): ClusterRegistrationStatus {
  const { registration, liveness, heartbeat, numbers, assigned, head } = view;
  const before = registration.status ?? {};
  const seenAt = liveness?.lastHeartbeatAt;
  const report = heartbeat === undefined ? before : reportOf(heartbeat);
  return withoutUndefined({
    agentVersion: report.agentVersion,
    lastHeartbeatTime: timeText(seenAt) ?? before.lastHeartbeatTime,
    heartbeatInterval: formatDuration(numbers.intervalMs),
    heartbeatGrace: formatDuration(numbers.graceMs),
    assignedMonitors: assigned,
    ...syncOf(before, head, heartbeat?.held ?? undefined),
    probesPerSecond: report.probesPerSecond,
    clockSkew: seenAt === undefined ? before.clockSkew : formatDuration(Math.round(liveness?.clockOffsetMs ?? 0)),
    conditions: conditionsOf(view),
  });
}

type Sync = "assignedEpoch" | "assignedGeneration" | "acknowledgedEpoch" | "acknowledgedGeneration" | "synced";

function syncOf(before: ClusterRegistrationStatus, head: Position | undefined, held: Position | undefined): Partial<Pick<ClusterRegistrationStatus, Sync>> {
  const acknowledged = held === undefined ? {} : { acknowledgedEpoch: held.epoch, acknowledgedGeneration: held.generation };
  const kept = { acknowledgedEpoch: before.acknowledgedEpoch, acknowledgedGeneration: before.acknowledgedGeneration, ...acknowledged };
  const known = withoutUndefined(kept);
  if (head === undefined) return known;
  return { ...known, assignedEpoch: head.epoch, assignedGeneration: head.generation, synced: `${kept.acknowledgedGeneration ?? 0}/${head.generation}` };
}

function timeText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : rfc3339(ms);
}

function reportOf({ agentVersion, probesPerSecond }: Heartbeat): { agentVersion: string; probesPerSecond: string } {
  return { agentVersion, probesPerSecond: String(Number(probesPerSecond.toFixed(2))) };
}

/**
 * The one event of a cluster that turned silent or came back, or undefined when neither did. A cluster that was never
 * there before makes none.
 */
export function availabilityEvent(before: ClusterRegistrationStatus | undefined, after: ClusterRegistrationStatus): Pick<EventNote, "reason" | "message" | "identity"> | undefined {
  const was = availableOf(before);
  const is = availableOf(after);
  if (was === undefined || is === undefined || was.status === is.status || was.reason === NEVER_HEARD) return undefined;
  const identity = `${is.lastTransitionTime} ${is.status}`;
  if (is.status !== "True") return { reason: "ClusterSilent", message: is.message, identity };
  return { reason: "ClusterAvailable", message: is.message, identity };
}

function availableOf(status: ClusterRegistrationStatus | undefined): Condition | undefined {
  return findCondition(status?.conditions, "Available");
}

function conditionsOf(view: RegistrationView): Condition[] {
  const { registration, now } = view;
  const observedGeneration = registration.metadata.generation ?? 0;
  const states: [(typeof REGISTRATION_CONDITIONS)[number], Say][] = [
    ["Accepted", accepted(view)],
    ["Joined", joined(view)],
    ["Available", available(view)],
    ["ClockSynced", clockSynced(view)],
  ];
  let conditions = (registration.status?.conditions ?? []).filter(({ type }) => OUR_CONDITIONS.has(type));
  for (const [type, say] of states) conditions = setCondition(conditions, { type, observedGeneration, ...say }, now);
  return conditions;
}

function accepted({ registration }: RegistrationView): Say {
  if (registration.spec.accepted === true) return { status: "True", reason: "Accepted", message: "The hub assigns monitors to this cluster." };
  const { publicKey, enrolment } = registration.status ?? {};
  const ask = "Set spec.accepted to true to let monitors run in this cluster.";
  if (publicKey === undefined) return { status: "False", reason: "NotAccepted", message: ask };
  if (enrolment?.replacedKey === undefined) return { status: "False", reason: "NotAccepted", message: `An agent with key ${publicKey} has enrolled, and waits. ${ask}` };
  return { status: "False", reason: "AgentReplaced", message: `An agent with key ${publicKey} has enrolled in place of the one with key ${enrolment.replacedKey}, and waits. ${ask}` };
}

function joined(view: RegistrationView): Say {
  if (hasJoined(view)) return { status: "True", reason: "HeartbeatSeen", message: "The cluster's agent has reported." };
  if (view.liveness?.skewedByMs !== undefined) return { status: "False", reason: CLOCK_OFF, message: `The cluster's agent is not believed: ${clockOff(view.liveness.skewedByMs)}` };
  const enrolled = view.registration.status?.publicKey !== undefined;
  return { status: "False", reason: "NoHeartbeatYet", message: enrolled ? "The cluster's agent has enrolled, and not reported yet." : "The cluster's agent has not reported yet." };
}

function available(view: RegistrationView): Say {
  const { liveness, numbers, registration } = view;
  if (!hasJoined(view) || liveness?.available === false) return unavailable(view);
  // After a restart nobody is judged before its time: what was said before is still said.
  const before = availableOf(registration.status);
  if (liveness?.lastHeartbeatAt === undefined && before !== undefined) return { status: before.status, reason: before.reason, message: before.message };
  return { status: "True", reason: "HeartbeatReceived", message: `The cluster's agent reports every ${formatDuration(numbers.intervalMs)}; silence shows after ${detectionTime(numbers)}.` };
}

function unavailable(view: RegistrationView): Say {
  const { liveness, numbers } = view;
  if (liveness?.skewedByMs !== undefined) return { status: "Unknown", reason: CLOCK_OFF, message: `The cluster's agent counts as silent: ${clockOff(liveness.skewedByMs)}` };
  if (!hasJoined(view)) return { status: "Unknown", reason: NEVER_HEARD, message: "The cluster's agent has not reported yet." };
  return { status: "Unknown", reason: "Silent", message: `The cluster's agent has not reported for more than ${detectionTime(numbers)}.` };
}

function detectionTime({ intervalMs, graceMs }: HeartbeatNumbers): string {
  return `${formatDuration(intervalMs + graceMs)} (interval ${formatDuration(intervalMs)} + grace ${formatDuration(graceMs)})`;
}

/** In whole minutes, so that it stays the same while time goes on. */
function clockOff(offsetMs: number): string {
  const limit = formatDuration(MAX_BELIEVED_MS);
  return `its clock is ${spoken(offsetMs, 60_000)} the hub's. Over ${limit} it cannot be told from one whose messages are old. Set its clock right, or the hub's.`;
}

/** `5m0s ahead of`. @param stepMs what it is rounded to */
function spoken(offsetMs: number, stepMs: number): string {
  return `${formatDuration(Math.round(Math.abs(offsetMs) / stepMs) * stepMs)} ${offsetMs > 0 ? "ahead of" : "behind"}`;
}

function clockSynced({ liveness, registration }: RegistrationView): Say {
  if (liveness?.skewedByMs !== undefined) return { status: "False", reason: "OffsetTooLarge", message: `The cluster's agent is not believed: ${clockOff(liveness.skewedByMs)}` };
  if (liveness?.lastHeartbeatAt === undefined) {
    const before = findCondition(registration.status?.conditions, "ClockSynced");
    if (before !== undefined) return { status: before.status, reason: before.reason, message: before.message };
    return { status: "Unknown", reason: "NoHeartbeatYet", message: "The cluster's clock has not been compared yet." };
  }
  const offset = liveness.clockOffsetMs;
  const limit = formatDuration(MAX_CLOCK_OFFSET_MS);
  if (Math.abs(offset) <= MAX_CLOCK_OFFSET_MS) return { status: "True", reason: "WithinLimit", message: `The cluster's clock is within ${limit} of the hub's.` };
  const message = `The cluster's clock is ${spoken(offset, 1000)} the hub's, over ${limit}, or its messages come late. Ages of its results are counted by it, so no verdict changes for it.`;
  return { status: "False", reason: "OffsetTooLarge", message };
}

function hasJoined({ liveness, registration }: RegistrationView): boolean {
  if (liveness?.lastHeartbeatAt !== undefined) return true;
  return isConditionTrue(registration.status?.conditions, "Joined");
}

function withoutUndefined(status: { [Field in keyof ClusterRegistrationStatus]: ClusterRegistrationStatus[Field] | undefined }): ClusterRegistrationStatus {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}
