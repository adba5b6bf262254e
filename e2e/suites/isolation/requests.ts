import { type MsgHdrs, headers } from "nats";

/** Something that an agent may publish: who answers it, and what is to be said there. */
export interface AgentRequest {
  /** Which of its rights it uses, for people. */
  readonly right: string;
  readonly subject: string;
  readonly payload: string;
}

const NOW = "1700000000000000000";

/**
 * What NATS is asked by each right of an agent. `told` goes into each payload as whatever names a place to deliver to.
 * @throws Error for a right that this does not know: it has to be tried, too.
 */
export function requestsBy(right: string, told: string): AgentRequest[] {
  const places = { deliver_subject: told, deliver: told, subject: told, filter_subject: told, config: { deliver_subject: told } };
  const next = { batch: 1, no_wait: true };
  const asked = (subject: string, ...payloads: (string | object)[]): AgentRequest[] =>
    payloads.map((payload) => ({ right, subject, payload: typeof payload === "string" ? payload : JSON.stringify(payload) }));
  if (right.includes(".CONSUMER.MSG.NEXT.")) return asked(right, next, { ...next, ...places });
  if (right.includes(".CONSUMER.RESET.")) return asked(right, { seq: 1 }, { seq: 1, ...places });
  if (right.startsWith("$JS.ACK.")) return asked(right.replace(".>", `.1.1.1.${NOW}.0`), "+ACK", "-NAK", "+WPI", "+TERM", `+NXT ${JSON.stringify({ ...next, ...places })}`);
  if (right.startsWith("results.")) return asked(right.replace("*", "3"), places);
  if (/^(hb|enrol|renew)\./.test(right)) return asked(right, places);
  throw new Error(`an agent may publish ${right}, and this suite does not know what is asked by it`);
}

/** By these NATS is told where to tell what became of a message, whatever message it is. */
const TRACING: readonly Record<string, string>[] = [{ "Nats-Trace-Dest": "PLACE" }, { "Nats-Trace-Dest": "PLACE", "Nats-Trace-Only": "true" }];

/** By these JetStream is told to do more than to store a message. */
const STORING: readonly Record<string, string>[] = [
  { "Nats-Rollup": "all" },
  { "Nats-Rollup": "sub" },
  { "Nats-Schedule": "@at 2020-01-01T00:00:00Z", "Nats-Schedule-Target": "PLACE" },
  { "Nats-Schedule": "@every 1s", "Nats-Schedule-Target": "PLACE", "Nats-Schedule-TTL": "1h" },
  { "Nats-TTL": "1s" },
  { "Nats-Batch-Id": "forged", "Nats-Batch-Sequence": "1", "Nats-Batch-Commit": "1" },
  { "Nats-Expected-Last-Subject-Sequence": "0", "Nats-Expected-Last-Subject-Sequence-Subject": "PLACE" },
  { "Nats-Msg-Id": "PLACE" },
  { "Nats-Incr": "1" },
  { "Nats-Stream-Source": "PLACE" },
  { "Nats-Marker-Reason": "Purge" },
];

/**
 * All requests by some rights, and each again with every header that could give it more power; `place` is another's. What
 * headers do that name none is the same in every place: they are used where it is undefined.
 */
export function everyWay(rights: readonly string[], place: string | undefined): (AgentRequest & { headers?: { headers: MsgHdrs } })[] {
  const requests = rights.flatMap((right) => requestsBy(right, place ?? "nowhere"));
  return requests.flatMap((request) => [request, ...powerfulHeaders(request.subject, place).map((made) => ({ ...request, headers: { headers: made } }))]);
}

/** Headers that name a literal subject as a place, or that give power over a whole stream: what fits a message for `subject`. */
function powerfulHeaders(subject: string, place: string | undefined): MsgHdrs[] {
  if (place !== undefined && /[*>]/.test(place)) return [];
  const fitting = subject.startsWith("results.") ? [...TRACING, ...STORING] : TRACING;
  const chosen = fitting.filter((fields) => Object.values(fields).includes("PLACE") === (place !== undefined));
  return chosen.map((fields) => {
    const made = headers();
    for (const [name, value] of Object.entries(fields)) made.set(name, value.replace("PLACE", () => place ?? ""));
    return made;
  });
}
