import { connect, type ConnectionOptions, type NatsConnection, nkeyAuthenticator } from "nats";
import { messageOf, SightlineError } from "../errors.ts";
import { checkAuthority, Key } from "./credentials.ts";
import { followErrors } from "./link-state.ts";

/** Where and as whom to connect. */
export interface NatsSettings {
  /** `tls://host:port`, one or more servers. */
  servers: string[];
  /** File with the NKey seed of this client. Read again at each attempt to connect, so that a new key needs no restart. */
  seedFile: string;
  /** File with the certificate authority of the servers, when it is not one of the system's. */
  caFile?: string;
  /** Shown in the server's connection list. */
  name: string;
  /** Given: the attempt may take so long, and a connection that is lost is not made again. Milliseconds. */
  onceWithinMs?: number;
  /** Replies come in under this prefix. Agents must have their own. */
  inboxPrefix?: string;
}

/** Also when the server refuses us later: credentials may be mended while we run. */
const FOR_EVER: ConnectionOptions = { maxReconnectAttempts: -1, ignoreAuthErrorAbort: true };
const ONCE: ConnectionOptions = { maxReconnectAttempts: 0, reconnect: false };

/**
 * Connects: one attempt at each server. Once connected, it reconnects for ever.
 * @throws SightlineError NATS_FILE_UNREADABLE, or NATS_UNAVAILABLE with the reason.
 */
export async function connectNats(settings: NatsSettings): Promise<NatsConnection> {
  if (settings.caFile !== undefined) checkAuthority(settings.caFile);
  const key = new Key(settings.seedFile);
  const connection = await attempt(connectionOptions(settings, key));
  keepServers(connection, settings.servers);
  if (settings.onceWithinMs === undefined) void watchKey(connection, key);
  return connection;
}

async function attempt(options: ConnectionOptions): Promise<NatsConnection> {
  try {
    return await connect(options);
  } catch (cause) {
    throw new SightlineError("NATS_UNAVAILABLE", reasonOf(cause), { cause, retryable: true });
  }
}

function connectionOptions(settings: NatsSettings, key: Key): ConnectionOptions {
  const { onceWithinMs, caFile, inboxPrefix } = settings;
  const authenticate = nkeyAuthenticator(() => key.seed);
  return {
    servers: settings.servers,
    name: settings.name,
    authenticator: (nonce) => {
      // It never throws: an authenticator that does ends the connection for good.
      key.renew();
      return authenticate(nonce);
    },
    ...(onceWithinMs === undefined ? FOR_EVER : { ...ONCE, timeout: onceWithinMs }),
    reconnectTimeWait: 500,
    reconnectJitter: 500,
    reconnectJitterTLS: 1500,
    // Without it the client makes an error with its stack for each request, in case that it fails.
    noAsyncTraces: true,
    pingInterval: 20_000,
    maxPingOut: 2,
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    ...(caFile === undefined ? {} : { tls: { caFile } }),
  };
}

/** The client forgets servers that did not answer at first. They may later, when the one that did is gone. */
function keepServers(connection: NatsConnection, servers: readonly string[]): void {
  const learnt = connection.getServers().filter(({ gossiped }) => gossiped);
  if (servers.length > 1) connection.setServers([...servers, ...learnt.map(({ listen }) => listen)]);
}

/** A wrong key may be a valid one: the connection stands, and would stand for ever. A mended key takes effect at once. */
async function watchKey(connection: NatsConnection, key: Key): Promise<void> {
  await followErrors(connection, ({ code }) => {
    if (code === "NATS_REFUSED" && key.renew()) void connection.reconnect();
  });
}

/** Says of a refused connection by whom, and leaves out advice on a flag of Node's: ours is --nats-ca. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${messageOf(error)}${cause}`.replace(/; if the root CA is installed locally.*$/s, "");
}
