import { readFile } from "node:fs/promises";
import { connect, type ConnectionOptions, type NatsConnection, nkeyAuthenticator } from "nats";

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
  /** Given: one attempt, which may take so long, and fail. Otherwise it is tried for ever. Milliseconds. */
  onceWithinMs?: number;
  /** Replies come in under this prefix. Agents must have their own. */
  inboxPrefix?: string;
}

/** Also when no server answers yet, and also when the server refuses us: credentials may be mended while we run. */
const FOR_EVER: ConnectionOptions = { maxReconnectAttempts: -1, waitOnFirstConnect: true, ignoreAuthErrorAbort: true };
const ONCE: ConnectionOptions = { maxReconnectAttempts: 0, reconnect: false };

/** Connects, and keeps trying for ever unless it is told to try once. */
export async function connectNats(settings: NatsSettings): Promise<NatsConnection> {
  const { onceWithinMs } = settings;
  let seed = await readFile(settings.seedFile);
  const authenticate = nkeyAuthenticator(() => seed);
  const options: ConnectionOptions = {
    servers: settings.servers,
    name: settings.name,
    authenticator: (nonce) => {
      void readFile(settings.seedFile).then((fresh) => (seed = fresh), () => undefined);
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
    ...(settings.inboxPrefix === undefined ? {} : { inboxPrefix: settings.inboxPrefix }),
    ...(settings.caFile === undefined ? {} : { tls: { caFile: settings.caFile } }),
  };
  return connect(options);
}
