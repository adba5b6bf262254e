import { connect, type ConnectionOptions, jwtAuthenticator, type NatsConnection } from "nats";
import { messageOf, SightlineError } from "../errors.ts";
import { checkAuthority, type CredentialSource, type LiveCredentials } from "./credentials.ts";
import { followErrors } from "./link-state.ts";

/** Where and as whom to connect. */
export interface NatsSettings {
  /** `tls://host:port`, one or more servers. */
  servers: string[];
  /** Asked again at each attempt to connect, so that new credentials need no restart. */
  credentials: CredentialSource;
  /** File with the certificate authority of the servers, when it is not one of the system's. */
  caFile?: string;
  /** The same as PEM text, where there is no file of it. */
  ca?: string;
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
 * Connects by TLS: one attempt at each server. Once connected, it reconnects for ever.
 * @throws SightlineError NATS_FILE_UNREADABLE, or NATS_UNAVAILABLE with the reason.
 */
export async function connectNats(settings: NatsSettings): Promise<NatsConnection> {
  if (settings.caFile !== undefined) checkAuthority(settings.caFile);
  const credentials = settings.credentials();
  const connection = await attempt(connectionOptions(settings, credentials));
  keepServers(connection, settings.servers);
  if (settings.onceWithinMs === undefined) void watchCredentials(connection, credentials);
  return connection;
}

async function attempt(options: ConnectionOptions): Promise<NatsConnection> {
  try {
    return await connect(options);
  } catch (cause) {
    throw new SightlineError("NATS_UNAVAILABLE", reasonOf(cause), { cause, retryable: true });
  }
}

function connectionOptions(settings: NatsSettings, live: LiveCredentials): ConnectionOptions {
  const { onceWithinMs, inboxPrefix } = settings;
  const authenticate = jwtAuthenticator(
    () => live.current.jwt,
    () => live.current.seed,
  );
  return {
    servers: settings.servers,
    name: settings.name,
    authenticator: (nonce) => {
      // It never throws: an authenticator that does ends the connection for good.
      live.renew();
      return authenticate(isServerNonce(nonce) ? nonce : undefined);
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
    tls: authorityOf(settings),
  };
}

/** Without any options of TLS the client would also speak in clear, to whoever says that it has no TLS. */
function authorityOf({ caFile, ca }: NatsSettings): { minVersion: "TLSv1.2"; caFile?: string; ca?: string } {
  return { minVersion: "TLSv1.2", ...(caFile === undefined ? (ca === undefined ? {} : { ca }) : { caFile }) };
}

/**
 * What a server asks to have signed, as NATS makes it: a few letters of base64url. An agent signs its messages by the same
 * key, so that a hostile server could otherwise have it sign a message of the server's own making.
 */
export function isServerNonce(nonce: string | undefined): nonce is string {
  return nonce !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(nonce);
}

/** The client forgets servers that did not answer at first. They may later, when the one that did is gone. */
function keepServers(connection: NatsConnection, servers: readonly string[]): void {
  const learnt = connection.getServers().filter(({ gossiped }) => gossiped);
  if (servers.length > 1) connection.setServers([...servers, ...learnt.map(({ listen }) => listen)]);
}

/** Wrong credentials may be valid ones: the connection stands, and would stand for ever. Mended ones take effect at once. */
async function watchCredentials(connection: NatsConnection, live: LiveCredentials): Promise<void> {
  await followErrors(connection, ({ code }) => {
    if (code === "NATS_REFUSED" && live.renew()) void connection.reconnect();
  });
}

/** Says of a refused connection by whom, and leaves out advice on a flag of Node's: ours is --nats-ca. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${messageOf(error)}${cause}`.replace(/; if the root CA is installed locally.*$/s, "");
}
