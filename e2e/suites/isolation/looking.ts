import { ASSIGNMENT_STREAM, CHECKPOINT_STREAM, PARKED_STREAM, RESULT_STREAM } from "@sightline/shared/wire";
import { errors, type Msg, type NatsConnection } from "nats";

import { at, listAt, textAt } from "../../kit/json.ts";

/** One message that somebody heard. */
export interface Heard {
  readonly subject: string;
  readonly text: string;
}

/** Keeps all that comes in on some subjects. */
export function listen(connection: NatsConnection, ...subjects: string[]): Heard[] {
  const heard: Heard[] = [];
  const callback = (error: Error | null, message: Msg): void => {
    if (error === null) heard.push({ subject: message.subject, text: `${message.headers?.status ?? ""}${message.string()}` });
  };
  for (const subject of subjects) connection.subscribe(subject, { callback });
  return heard;
}

/** Keeps what the server refuses a connection, as `publish hb.us-1`. */
export function refusalsOf(connection: NatsConnection): Set<string> {
  const refused = new Set<string>();
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === "error" && status.error instanceof errors.PermissionViolationError) refused.add(`${status.error.operation === "publish" ? "publish" : "subscribe"} ${status.error.subject}`);
    }
  })();
  return refused;
}

const STREAMS = [ASSIGNMENT_STREAM, CHECKPOINT_STREAM, PARKED_STREAM, RESULT_STREAM];

async function ask(hub: NatsConnection, subject: string, question: object): Promise<unknown> {
  return (await hub.request(`$JS.API.${subject}`, JSON.stringify(question))).json<unknown>();
}

/** What is stored: by subject, the last message's sequence and text, and how many there are. */
export async function stored(hub: NatsConnection): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const stream of STREAMS) {
    const subjects = at(await ask(hub, `STREAM.INFO.${stream}`, { subjects_filter: ">" }), "state", "subjects") ?? {};
    for (const [subject, count] of Object.entries(subjects)) {
      const message = at(await ask(hub, `STREAM.MSG.GET.${stream}`, { last_by_subj: subject }), "message");
      const text = Buffer.from(textAt(message, "data") ?? "", "base64").toString("utf8");
      found.set(subject, `${String(count)} message(s), the last is ${String(at(message, "seq"))}: ${text}`);
    }
  }
  return found;
}

/** What stands of streams and consumers: which there are, how they are set, and where each consumer is. */
export async function machinery(hub: NatsConnection): Promise<Map<string, unknown>> {
  const streams = listAt(await ask(hub, "STREAM.LIST", {}), "streams");
  const found = new Map<string, unknown>(streams.map((stream) => [`stream ${textAt(stream, "config", "name") ?? ""}`, at(stream, "config")]));
  for (const consumer of listAt(await ask(hub, `CONSUMER.LIST.${ASSIGNMENT_STREAM}`, {}), "consumers")) {
    const counts = ["num_ack_pending", "num_redelivered", "num_waiting", "num_pending"].map((count) => at(consumer, count));
    const place = ["delivered", "ack_floor"].flatMap((name) => ["consumer_seq", "stream_seq"].map((seq) => at(consumer, name, seq)));
    found.set(`consumer ${textAt(consumer, "name") ?? ""}`, { config: at(consumer, "config"), counts, place });
  }
  return found;
}
