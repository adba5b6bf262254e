import { connect as connectPlain, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, TLSSocket } from "node:tls";
import type { Clock } from "@sightline/shared";
import { certificateExpiry } from "./certificate.ts";
import { certificateError, classify, type Stage } from "./classify.ts";
import { type EgressGuard, guardedLookup } from "./egress/guard.ts";
import type { ProbeError } from "./errors.ts";
import type { ProbeScope } from "./scope.ts";
import { type Endpoint, placeOf } from "./target.ts";

/** What all connections of an agent share. */
export interface DialContext {
  clock: Clock;
  /** Resolves names. The address that it gives is the one that is connected to. */
  lookup: LookupFunction;
  /** Says where connections may go to. */
  egress: EgressGuard;
  /** Trusted authorities; made once, since making one costs more than a probe. */
  secureContext: SecureContext;
}

/** What a connection cost, in milliseconds, and what was seen of its certificates. Absent: it did not take place. */
export interface DialReport {
  dns?: number;
  connect?: number;
  tls?: number;
  certificateExpiresAt?: number;
}

export interface Dialling {
  endpoint: Endpoint;
  timeoutMs: number;
  scope: ProbeScope;
  /** Filled in as the connection is made; holds what was reached when it fails. */
  report: DialReport;
  onStage: (stage: Stage) => void;
}

/**
 * Opens a connection to an endpoint, and checks its certificate before anything is sent. Every connection of every
 * probe is opened here.
 * @throws ProbeError
 */
export function dial(context: DialContext, dialling: Dialling): Promise<Socket> {
  const { host } = dialling.endpoint;
  // A host that is an address is not looked up: it is judged here, as names are.
  const denied = context.egress.denies(host, isIP(host) === 0 ? undefined : host);
  return denied === undefined ? connected(context, dialling) : Promise.reject(denied);
}

function connected(context: DialContext, dialling: Dialling): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { endpoint, scope } = dialling;
    let settled = false;
    const socket = open(context, endpoint);
    // Stays: an error between two owners of the socket must not end the agent.
    socket.on("error", fail);
    const release = scope.onAbort(fail);
    const watch = stopwatch(context.clock, dialling);
    socket.once("lookup", (error) => {
      if (error === null || error === undefined) watch("dns", "connect");
    });
    socket.once("connect", () => {
      watch("connect", endpoint.secure ? "tls" : "firstByte");
      // What was allowed before is what was dialled: this only ever speaks if that is not so.
      const strayed = context.egress.denies(endpoint.host, socket.remoteAddress);
      if (strayed !== undefined) fail(strayed);
      else if (!endpoint.secure) done();
    });
    socket.once("secureConnect", () => {
      watch("tls", "firstByte");
      const refusal = socket instanceof TLSSocket ? checkCertificate(socket, dialling) : undefined;
      if (refusal === undefined) done();
      else fail(refusal);
    });
    socket.once("close", fail);

    function done(): void {
      settled = true;
      release();
      socket.setNoDelay(true);
      resolve(socket);
    }
    function fail(error: unknown): void {
      if (settled) return;
      settled = true;
      release();
      socket.destroy();
      reject(classify(error, placeOf(endpoint, watch.stage(), dialling.timeoutMs)));
    }
  });
}

/** The certificate is judged by us after the handshake, so that its dates are known also when it does not pass. */
function open({ lookup: unguarded, egress, secureContext }: DialContext, { secure, host, port, serverName }: Endpoint): Socket {
  const lookup = guardedLookup(unguarded, egress);
  if (!secure) return connectPlain({ host, port, lookup });
  return connectTls({ host, port, lookup, secureContext, servername: serverName, ALPNProtocols: ["http/1.1"], rejectUnauthorized: false });
}

function checkCertificate(socket: TLSSocket, { endpoint, timeoutMs, report }: Dialling): ProbeError | undefined {
  const expiry = certificateExpiry(socket);
  if (expiry !== undefined) report.certificateExpiresAt = expiry;
  if (socket.authorized) return undefined;
  return certificateError(String(socket.authorizationError), placeOf(endpoint, "tls", timeoutMs));
}

interface Stopwatch {
  (ended: "dns" | "connect" | "tls", next: Stage): void;
  stage(): Stage;
}

/** Books the time of each stage. A literal address has no DNS stage: its connection starts at once. */
function stopwatch(clock: Clock, { endpoint, report, onStage }: Dialling): Stopwatch {
  let since = clock.monotonic();
  let stage: Stage = isIP(endpoint.host) === 0 ? "dns" : "connect";
  onStage(stage);
  const watch = (ended: "dns" | "connect" | "tls", next: Stage): void => {
    const now = clock.monotonic();
    report[ended] = now - since;
    since = now;
    stage = next;
    onStage(next);
  };
  return Object.assign(watch, { stage: () => stage });
}
