import { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type Clock, sleep } from "@sightline/shared";
import type { HostPort } from "@sightline/shared/flags";
import type { FastifyInstance } from "fastify";
import { type ServerTls, tlsOptions } from "../api/http-server.ts";
import { askAlive } from "./alive.ts";
import { type AdmissionServerOptions, buildAdmissionServer } from "./server.ts";

/** How long reviews under way are waited for when it closes: as long as the API server waits for them. Milliseconds. */
const DRAIN_MS = 5000;

export interface AdmissionListenerOptions extends Omit<AdmissionServerOptions, "tls"> {
  listen: HostPort;
  clock: Clock;
}

/** The socket on which reviews are served, with certificates that change while it serves. */
export class AdmissionListener {
  readonly #options: AdmissionListenerOptions;
  #server: FastifyInstance | undefined;
  #tls: ServerTls | undefined;

  constructor(options: AdmissionListenerOptions) {
    this.#options = options;
  }

  get open(): boolean {
    return this.#server !== undefined;
  }

  /** Opens it by these certificates, or goes on by them: what is connected keeps what it began with. Throws when it cannot listen. */
  async serve(tls: ServerTls): Promise<void> {
    const before = this.#tls;
    if (this.#server === undefined) {
      const server = buildAdmissionServer({ ...this.#options, tls });
      await server.listen(this.#options.listen);
      this.#server = server;
    } else if (before?.cert !== tls.cert || before.clientCa !== tls.clientCa) {
      const { server } = this.#server;
      if (server instanceof HttpsServer) server.setSecureContext(tlsOptions(tls));
    }
    this.#tls = tls;
  }

  /** Asks itself, as the API server would. @returns undefined when it answers, otherwise a sentence. */
  async askItself(ca: string): Promise<string | undefined> {
    const address = this.#server?.server.address();
    if (!isSocketAddress(address)) return "the admission webhook is not served yet";
    return askAlive({ host: dialled(address), port: address.port, ca, servername: "localhost" });
  }

  /** Takes nobody on any more, and waits for the reviews under way. */
  async close(): Promise<void> {
    const closing = this.#server?.close();
    if (this.#server === undefined || closing === undefined) return;
    const closed = new AbortController();
    const limit = sleep(this.#options.clock, DRAIN_MS, closed.signal);
    await Promise.race([closing, limit]);
    closed.abort();
    this.#server.server.closeAllConnections();
    await closing;
  }
}

function isSocketAddress(address: AddressInfo | string | null | undefined): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

/** Every address of the machine is reached by the loopback. */
function dialled({ address }: AddressInfo): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}
