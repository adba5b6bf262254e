import { headers, type Msg, type NatsConnection } from "nats";
import { messageOf, SightlineError } from "../errors.ts";
import { isMessageSignedBy, SIGNATURE_HEADER, type SigningKey, signMessage } from "../identity/mod.ts";
import { ENROL_SUBJECTS, parseIdentitySubject, RENEW_SUBJECTS } from "../wire/subjects.ts";
import { connectNats, type NatsSettings } from "./connection.ts";

/** Carries a second signature: that of the join token's key, over the same. */
const TOKEN_SIGNATURE_HEADER = "Sightline-Token-Signature";

/** A request to enrol or to renew, as it came; nothing of it is believed yet. */
export interface IdentityQuestion {
  verb: "enrol" | "renew";
  /** The subject's, which the sender may not choose. */
  cluster: string;
  payload: Uint8Array;
  /** Whether the holder of a key signed it, as agent or as holder of a token. */
  isSignedBy(publicKey: string, as: "agent" | "token"): boolean;
}

/** Questions that are answered at once, and how many may wait. What comes beyond is dropped: agents ask again. */
const CONCURRENCY = 16;
const WAITING = 1000;

/** Answers requests of agents until it is ended. `answer` must not throw; undefined: the asker is left to ask again. */
export function serveIdentity(connection: NatsConnection, key: SigningKey, answer: (question: IdentityQuestion) => Promise<Uint8Array | undefined>): () => void {
  const crew = new Crew();
  const receive = (message: Msg): void => {
    const about = parseIdentitySubject(message.subject);
    if (about === undefined) return;
    const { subject, data: payload } = message;
    const signature = (as: "agent" | "token"): string | undefined => message.headers?.get(as === "agent" ? SIGNATURE_HEADER : TOKEN_SIGNATURE_HEADER);
    crew.add(async () => {
      const said = await answer({ ...about, payload, isSignedBy: (publicKey, as) => isMessageSignedBy(publicKey, subject, payload, signature(as)) });
      if (said !== undefined) message.respond(said, { headers: signed(SIGNATURE_HEADER, signMessage(key, subject, said)) });
    });
  };
  const callback = (error: Error | null, message: Msg): void => (error === null ? receive(message) : undefined);
  const subscriptions = [ENROL_SUBJECTS, RENEW_SUBJECTS].map((subjects) => connection.subscribe(subjects, { callback }));
  return () => {
    crew.dismiss();
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}

/** Does so many jobs at once, in order of their coming; what comes beyond those that may wait is dropped. */
class Crew {
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;

  add(job: () => Promise<void>): void {
    if (this.#waiting.length >= WAITING) return;
    this.#waiting.push(job);
    if (this.#running < CONCURRENCY) void this.#work();
  }

  dismiss(): void {
    this.#waiting.length = 0;
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) await job();
    this.#running -= 1;
  }
}

export interface IdentityRequest {
  subject: string;
  payload: Uint8Array;
  /** Of the agent; the token's too, when it enrols. */
  key: SigningKey;
  tokenKey?: SigningKey;
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
function ask(connection: NatsConnection, { subject, payload, key, tokenKey }: IdentityRequest): Promise<AsyncIterable<Msg>> {
  const sent = signed(SIGNATURE_HEADER, signMessage(key, subject, payload));
  if (tokenKey !== undefined) sent.set(TOKEN_SIGNATURE_HEADER, signMessage(tokenKey, subject, payload));
  return connection.requestMany(subject, payload, { strategy: "timer", maxWait: ANSWER_MS, headers: sent });
}

function signed(header: string, signature: string): ReturnType<typeof headers> {
  const made = headers();
  made.set(header, signature);
  return made;
}
