import { headers, type Msg, type NatsConnection } from "nats";
import type { Clock } from "../clock.ts";
import { messageOf, SightlineError } from "../errors.ts";
import { isMessageSignedBy, SIGNATURE_HEADER, type SigningKey, signMessage } from "../identity/mod.ts";
import { ENROL_SUBJECTS, parseIdentitySubject, RENEW_SUBJECTS } from "../wire/subjects.ts";
import { connectNats, type NatsSettings } from "./connection.ts";
import { FairCrew } from "./fair-crew.ts";

/** As what somebody signs a request. */
export type SignerRole = "agent" | "token" | "connection";

/** Who enrols signs by each of the keys that count: whoever names a key that is not theirs could have it revoked. */
const SIGNATURE_HEADERS: Readonly<Record<SignerRole, string>> = { agent: SIGNATURE_HEADER, token: "Sightline-Token-Signature", connection: "Sightline-Connection-Signature" };

/** A request to enrol or to renew, as it came; nothing of it is believed yet. */
export interface IdentityQuestion {
  verb: "enrol" | "renew";
  /** The subject's, which the sender may not choose. */
  cluster: string;
  payload: Uint8Array;
  /** Whether the holder of a key signed it, in a role of theirs. */
  isSignedBy(publicKey: string, as: SignerRole): boolean;
}

/** Who asks, as far as the subject says. */
export type IdentityAsker = Pick<IdentityQuestion, "verb" | "cluster">;

export interface IdentityServer {
  clock: Clock;
  /** Must not throw; undefined: the asker is left to ask again. */
  answer: (question: IdentityQuestion) => Promise<Uint8Array | undefined>;
  /** Somebody asks more than an agent does, and is not listened to now. Called for each question. */
  onDropped?: (asker: IdentityAsker) => void;
}

/** Answers requests of agents until it is ended. Each cluster has its own share: one that floods harms itself. */
export function serveIdentity(connection: NatsConnection, key: SigningKey, { clock, answer, onDropped }: IdentityServer): () => void {
  const crew = new FairCrew(clock);
  const receive = (message: Msg): void => {
    const about = parseIdentitySubject(message.subject);
    if (about === undefined) return;
    const { subject, data: payload } = message;
    const taken = crew.add(`${about.verb} ${about.cluster}`, async () => {
      const said = await answer({ ...about, payload, isSignedBy: (publicKey, as) => isMessageSignedBy(publicKey, subject, payload, message.headers?.get(SIGNATURE_HEADERS[as])) });
      if (said !== undefined) message.respond(said, { headers: signed(SIGNATURE_HEADER, signMessage(key, subject, said)) });
    });
    if (!taken) onDropped?.(about);
  };
  const callback = (error: Error | null, message: Msg): void => (error === null ? receive(message) : undefined);
  const subscriptions = [ENROL_SUBJECTS, RENEW_SUBJECTS].map((subjects) => connection.subscribe(subjects, { callback }));
  return () => {
    crew.dismiss();
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}

export interface IdentityRequest {
  subject: string;
  payload: Uint8Array;
  /** Of the agent; the token's and the connection's too, when it enrols. */
  key: SigningKey;
  tokenKey?: SigningKey;
  connectionKey?: SigningKey;
  /** Whose answer alone is believed (`N…`). */
  hubKey: string;
  /** Whether what the hub signed answers this very request. */
  isAnswer: (answer: Uint8Array) => boolean;
}

/** A hub answers in milliseconds; one that has to ask its API server takes its time. Milliseconds. */
const ANSWER_MS = 8000;

/**
 * Connects, asks the hub, and lets go of the connection: it is another one than that by which the agent works, so that
 * it comes through whatever became of that. What anybody else has sent into its inbox is passed over.
 * @returns the answer's bytes, which the hub signed.
 * @throws SightlineError NATS_UNAVAILABLE, NATS_FILE_UNREADABLE, or HUB_UNANSWERED with the reason.
 */
export async function askHub(settings: NatsSettings, request: IdentityRequest): Promise<Uint8Array> {
  const connection = await connectNats({ ...settings, onceWithinMs: ANSWER_MS });
  const { subject, hubKey } = request;
  let refused = 0;
  try {
    for await (const { data, headers: received } of await ask(connection, request)) {
      if (isMessageSignedBy(hubKey, subject, data, received?.get(SIGNATURE_HEADER)) && request.isAnswer(data)) return data;
      refused += 1;
    }
  } catch (cause) {
    throw new SightlineError("HUB_UNANSWERED", `the hub did not answer ${subject}: ${messageOf(cause)}`, { cause, retryable: true });
  } finally {
    await connection.close();
  }
  const why = refused === 0 ? `the hub did not answer ${subject} within ${ANSWER_MS / 1000} s` : `what answered ${subject} is not signed by the hub (${hubKey}), or answers another question`;
  throw new SightlineError("HUB_UNANSWERED", why, { retryable: true });
}

/** All that comes as an answer, for as long as the hub may take. */
function ask(connection: NatsConnection, { subject, payload, key, tokenKey, connectionKey }: IdentityRequest): Promise<AsyncIterable<Msg>> {
  const sent = signed(SIGNATURE_HEADER, signMessage(key, subject, payload));
  if (tokenKey !== undefined) sent.set(SIGNATURE_HEADERS.token, signMessage(tokenKey, subject, payload));
  if (connectionKey !== undefined) sent.set(SIGNATURE_HEADERS.connection, signMessage(connectionKey, subject, payload));
  return connection.requestMany(subject, payload, { strategy: "timer", maxWait: ANSWER_MS, headers: sent });
}

function signed(header: string, signature: string): ReturnType<typeof headers> {
  const made = headers();
  made.set(header, signature);
  return made;
}
