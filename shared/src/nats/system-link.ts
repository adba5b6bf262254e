import type { NatsConnection } from "nats";
import { SightlineError } from "../errors.ts";
import { decodeJson } from "../wire/cloud-event.ts";
import { compileSchema } from "../wire/schema.ts";
import { connectNats, type NatsSettings } from "./connection.ts";
import { followLink } from "./link-state.ts";

/** What one server holds of an account. */
export interface AccountOnServer {
  server: string;
  /** Of this life of the server: another one when it was started again. */
  id: string;
  /** The account's JWT as it is in force there; "" until somebody of the account connects there, and the server loads what it stored. */
  jwt: string;
  /** Unix seconds by public key: what was issued to it up to then is void. */
  revoked: ReadonlyMap<string, number>;
}

/** What a hub does as the system's user: it looks what servers make of an account, and tells them anew. */
export interface SystemLink {
  /** Asks every server that is there. One that does not answer in time is left out. */
  account(publicKey: string): Promise<AccountOnServer[]>;
  /**
   * Gives all servers an account anew.
   * @returns the ids of those that have it on disk now.
   * @throws SightlineError ACCOUNT_REFUSED when one of them does not take it.
   */
  push(jwt: string): Promise<string[]>;
  /** Calls back whenever the connection is back: by then servers may be others, or older. */
  onReconnect(listener: () => void): void;
  close(): Promise<void>;
}

/** Servers answer within milliseconds; the last one is followed by such a silence. Milliseconds. */
const SILENCE_MS = 400;
const MAX_WAIT_MS = 3000;

const server = { type: "object", required: ["name", "id"], properties: { name: { type: "string" }, id: { type: "string" } } } as const;

/** Data is null, beside an error, where the server has not loaded the account. */
const validateAccount = compileSchema<{ server: { name: string; id: string }; data?: { account_detail?: { jwt?: string; revoked_user?: Record<string, string> } } | null }>({
  type: "object",
  required: ["server"],
  properties: {
    server,
    data: {
      type: ["object", "null"],
      properties: {
        account_detail: { type: "object", properties: { jwt: { type: "string" }, revoked_user: { type: "object", additionalProperties: { type: "string" } } } },
      },
    },
  },
});

const validateUpdate = compileSchema<{ server: { name: string; id: string }; error?: { description?: string } }>({
  type: "object",
  required: ["server"],
  properties: {
    server,
    error: { type: "object", properties: { description: { type: "string" } } },
  },
});

/** @throws SightlineError as connectNats does. */
export async function connectSystem(settings: NatsSettings): Promise<SystemLink> {
  const connection = await connectNats(settings);
  return {
    account: async (publicKey) => (await askAll(connection, "$SYS.REQ.SERVER.PING.ACCOUNTZ", JSON.stringify({ account: publicKey }))).map((answer) => accountIn(answer)),
    push: (jwt) => push(connection, jwt),
    onReconnect: (listener) => void followLink(connection, (connected) => (connected ? listener() : undefined)),
    close: () => connection.close(),
  };
}

async function push(connection: NatsConnection, jwt: string): Promise<string[]> {
  const answers = (await askAll(connection, "$SYS.REQ.CLAIMS.UPDATE", jwt)).map((answer) => validateUpdate(answer, "answer to an account"));
  const refused = answers.find(({ error }) => error !== undefined);
  if (refused !== undefined) throw new SightlineError("ACCOUNT_REFUSED", `NATS server ${refused.server.name} does not take the agents' account: ${refused.error?.description ?? "no description"}`, { retryable: true });
  if (answers.length === 0) throw new SightlineError("ACCOUNT_REFUSED", "no NATS server took the agents' account: none answered", { retryable: true });
  return answers.map(({ server: { id } }) => id);
}

async function askAll(connection: NatsConnection, subject: string, payload: string): Promise<unknown[]> {
  const answers: unknown[] = [];
  for await (const { data } of await connection.requestMany(subject, payload, { strategy: "stall", stall: SILENCE_MS, maxWait: MAX_WAIT_MS })) answers.push(decodeJson(data));
  return answers;
}

function accountIn(answer: unknown): AccountOnServer {
  const { server: asked, data } = validateAccount(answer, "answer about an account");
  const { jwt = "", revoked_user = {} } = data?.account_detail ?? {};
  const revoked = new Map(Object.entries(revoked_user).map(([key, time]) => [key, Math.floor(Date.parse(time) / 1000)]));
  return { server: asked.name, id: asked.id, jwt, revoked };
}
