import { type Clock, formatDuration, seldom } from "@sightline/shared";
import { type HeartbeatSubscription, type NatsConnection, subscribeHeartbeats } from "@sightline/shared/nats";
import type { Logger } from "@sightline/shared/telemetry";
import type { Heartbeat } from "@sightline/shared/wire";
import { DISTRUST_SENTENCES, type DistrustOf } from "./agent-signature.ts";
import { MAX_CLOCK_OFFSET_MS } from "./belief.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { RegistrationMetrics } from "./metrics.ts";

export interface ListeningOptions {
  nats: NatsConnection;
  clock: Clock;
  logger: Logger;
  heartbeats: Heartbeats;
  metrics: Pick<RegistrationMetrics, "heartbeat">;
  /** Whether a message is that of its cluster's agent. */
  distrust: DistrustOf;
  /** A heartbeat that is news. */
  accepted: (cluster: string, heartbeat: Heartbeat) => void;
  /** What an agent says that it holds, also by a heartbeat that is no news; never by one that is not believed. */
  held: (cluster: string, held: Heartbeat["held"]) => void;
}

/** How often a refusal of the same kind is said. Milliseconds. */
const TELL_AGAIN_MS = 60_000;
const SKEWED = `its time is more than ${formatDuration(MAX_CLOCK_OFFSET_MS)} from the hub's: the agent's clock is wrong, or the hub's, or the message is old`;

/** Hears the heartbeats of all clusters. Only a cluster's own agent may say that it is there, and what it holds. */
export function listenForHeartbeats({ nats, clock, logger, heartbeats, metrics, distrust, accepted, held }: ListeningOptions): HeartbeatSubscription {
  const isNews = seldom(clock, TELL_AGAIN_MS);
  return subscribeHeartbeats(nats, {
    trusts: (cluster, message) => {
      const reason = distrust(cluster, message);
      if (reason === undefined) return true;
      metrics.heartbeat(reason);
      if (isNews(reason)) logger.warn("A heartbeat was refused", { cluster, reason: DISTRUST_SENTENCES[reason] });
      return false;
    },
    heartbeat: (cluster, heartbeat) => {
      const reception = heartbeats.heartbeat(cluster, heartbeat);
      metrics.heartbeat(reception);
      if (reception === "skewed" && isNews("skewed")) logger.warn("A heartbeat was refused", { cluster, reason: SKEWED });
      if (reception !== "accepted") return;
      accepted(cluster, heartbeat);
      held(cluster, heartbeat.held);
    },
    refused: (subject, error) => {
      metrics.heartbeat("invalid");
      // The metric counts all; who sends them without end must not fill the log.
      if (isNews("invalid")) logger.warn("A heartbeat cannot be read", { subject, error_type: error.code, error: error.message });
    },
    connection: (connected) => (connected ? heartbeats.connectionRestored() : heartbeats.connectionLost()),
  });
}
