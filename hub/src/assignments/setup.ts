import type { Clock } from "@sightline/shared";
import type { SigningKey } from "@sightline/shared/identity";
import type { NatsConnection } from "@sightline/shared/nats";
import type { Logger } from "@sightline/shared/telemetry";
import type { Kubernetes } from "../kubernetes.ts";
import type { Fence } from "../leadership/term.ts";
import type { Heartbeats } from "../agents/heartbeats.ts";
import { settingsOf } from "../agents/settings.ts";
import { defaultLimits, defaultTimes, StreamAssignmentWriter } from "./assignment-writer.ts";

export interface AssignmentsOptions {
  nats: NatsConnection;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** What heads are signed with. */
  signing: SigningKey;
  kubernetes: Pick<Kubernetes, "monitors" | "registrations">;
  heartbeats: Heartbeats;
  fence: Fence;
  /** What is stored of these monitors is not what they were assigned. */
  onDrift: (uids: ReadonlySet<string>) => void;
  /** Another hub writes the assignments. */
  onOverruled: () => void;
}

/** The writer of all assignments, by what the registrations, the monitors and the heartbeats say. The caller starts it. */
export function makeAssignments({ nats, clock, random, logger, signing, kubernetes, heartbeats, fence, onDrift, onOverruled }: AssignmentsOptions): StreamAssignmentWriter {
  const { monitors, registrations } = kubernetes;
  return new StreamAssignmentWriter({
    connection: nats,
    clock,
    random,
    log: logger,
    signing,
    settings: (cluster) => {
      const registration = registrations.get(cluster);
      return registration === undefined ? undefined : settingsOf(registration);
    },
    seenEpochs: () => [...heartbeats.epochs(), ...registrations.all().flatMap(({ status }) => [status?.assignedEpoch ?? 0, status?.acknowledgedEpoch ?? 0])],
    expectedMonitors: () => monitors.all().flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [metadata.uid] : [])),
    onDrift,
    mayWrite: () => fence.mayWrite(),
    onFenced: () => {
      logger.error("This hub's assignments are fenced: another hub has taken over");
      onOverruled();
    },
    limits: defaultLimits,
    times: defaultTimes,
  });
}
