import { type ConsumerInfo, type ConsumerMessages, jetstream, type JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { messageOf, SightlineError } from "../errors.ts";
import type { StreamMessage } from "../protocol/staging.ts";
import { decodeJson, encodeJson } from "../wire/cloud-event.ts";
import { compileSchema } from "../wire/schema.ts";
import { AGENT_JETSTREAM_PREFIX, agentConsumer, ASSIGNMENT_STREAM } from "../wire/subjects.ts";
import { isDeleteMarker, signatureIn } from "./stream-message.ts";

/** One delivery. `startsOver` says that the consumer began again from its first message: what came before is void. */
export interface Delivery {
  message: StreamMessage;
  startsOver: boolean;
}

/** Why reading ended. Read again after a back-off. */
export type ReadEnd = "no-consumer" | "stopped";

/** One agent replica's durable pull consumer of the assignment stream. The hub makes it; it may come and go. */
export interface AssignmentReader {
  /**
   * Sets the consumer back to the first message (server 2.14 or newer).
   * @throws SightlineError NO_CONSUMER when nobody answers (stream or consumer missing, or no connection), or when it is refused.
   */
  reset(): Promise<void>;
  /** Reads, acknowledging each message, until the consumer vanishes or `stop` is called. Needs one `reset` before. */
  read(deliver: (delivery: Delivery) => void): Promise<ReadEnd>;
  stop(): void;
}

const RESET_TIMEOUT_MS = 1500;
const FROM_THE_FIRST = encodeJson({ seq: 1 });

const validateReset = compileSchema<Partial<ConsumerInfo> & { error?: { description?: string } }>({
  type: "object",
  properties: { name: { type: "string" }, stream_name: { type: "string" }, error: { type: "object" } },
});

const validateInfo = compileSchema<ConsumerInfo>({
  type: "object",
  required: ["name", "stream_name", "config"],
  properties: { name: { type: "string" }, stream_name: { type: "string" }, config: { type: "object" } },
});

export function assignmentReader(connection: NatsConnection, cluster: string, ordinal: number): AssignmentReader {
  const consumer = agentConsumer(cluster, ordinal);
  // One for all readings: what a later one begins with is told from what an earlier one saw.
  const startsOver = startDetector();
  let info: ConsumerInfo | undefined;
  let messages: ConsumerMessages | undefined;
  return {
    async reset() {
      info = await resetConsumer(connection, consumer);
    },
    async read(deliver) {
      if (info === undefined) throw new SightlineError("NO_CONSUMER", "the assignment consumer was not reset yet", { retryable: true });
      messages = await consume(connection, info, (message) => deliver({ message: streamMessage(message), startsOver: startsOver(message) }));
      const gone = await consumerGone(messages);
      messages.stop();
      return gone ? "no-consumer" : "stopped";
    },
    stop: () => messages?.stop(),
  };
}

/** Our own request: the client's version of it belongs to its stream manager, which an agent may not use. */
async function resetConsumer(connection: NatsConnection, consumer: string): Promise<ConsumerInfo> {
  const subject = `${AGENT_JETSTREAM_PREFIX}.CONSUMER.RESET.${ASSIGNMENT_STREAM}.${consumer}`;
  let answer: unknown;
  try {
    answer = decodeJson((await connection.request(subject, FROM_THE_FIRST, { timeout: RESET_TIMEOUT_MS })).data);
  } catch (cause) {
    throw new SightlineError("NO_CONSUMER", `the assignment consumer does not answer: ${messageOf(cause)}`, { cause, retryable: true });
  }
  const { error } = validateReset(answer, "consumer reset response");
  if (error !== undefined) throw new SightlineError("NO_CONSUMER", `the assignment consumer was not reset: ${error.description ?? "no description"}`, { retryable: true });
  return validateInfo(answer, "consumer reset response");
}

/**
 * `bind`: the client asks no consumer info, which agents may not. Another cluster's agent can have its own consumer deliver
 * into this inbox, if it knows its name: NATS asks nobody who names a reply. So it is asked here.
 */
async function consume(connection: NatsConnection, info: ConsumerInfo, deliver: (message: JsMsg) => void): Promise<ConsumerMessages> {
  const consumer = jetstream(connection, { apiPrefix: AGENT_JETSTREAM_PREFIX }).consumers.getConsumerFromInfo(info);
  return consumer.consume({
    bind: true,
    max_messages: 500,
    expires: 30_000,
    idle_heartbeat: 5000,
    callback: (message) => {
      if (message.info.consumer !== info.name) return;
      deliver(message);
      message.ack();
    },
  });
}

function streamMessage({ subject, seq, headers, data }: JsMsg): StreamMessage {
  return { subject, sequence: seq, payload: isDeleteMarker(headers) ? null : data, ...signatureIn(headers) };
}

/**
 * The consumer's own sequence begins again at 1 when it is reset or made anew; a stream made anew, or rolled back, also
 * begins again with lower sequences. Messages of a reset may come before the answer to it, so the answer tells nothing.
 */
function startDetector(): (message: JsMsg) => boolean {
  let last = { delivery: 0, stream: 0 };
  return ({ info, seq }) => {
    const over = info.deliverySequence <= last.delivery || (info.deliveryCount === 1 && seq <= last.stream);
    const stream = over ? seq : Math.max(seq, last.stream);
    last = { delivery: info.deliverySequence, stream };
    return over;
  };
}

/** Waits until the client says that the consumer is gone (true), or until reading was stopped (false). */
async function consumerGone(messages: ConsumerMessages): Promise<boolean> {
  for await (const notification of messages.status()) {
    if (notification.type === "no_responders" || notification.type === "consumer_deleted") return true;
  }
  return false;
}
