import { Agent } from "node:http";
import type { RequestOptions } from "node:https";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type DialContext, dial, type Dialling } from "./dial.ts";
import type { EgressGuard } from "./egress/guard.ts";
import type { Endpoint } from "./target.ts";

type Connected = (error: Error | null, socket: Duplex) => void;

/** One connection that a monitor keeps between its probes. Closed by `destroy`. */
export class KeptConnection extends Agent {
  /** The host that each connection was opened for. */
  readonly #hosts = new WeakMap<Socket, string>();
  #open: (() => Promise<Socket>) | undefined;

  constructor() {
    super({ keepAlive: true, maxFreeSockets: 1 });
  }

  /** Says how the next connection is opened, should none be at hand. A monitor has one probe at a time. */
  prepare(context: DialContext, dialling: Dialling): this {
    this.dropDenied(context.egress);
    this.#open = async () => {
      const socket = await dial(context, dialling);
      this.#hosts.set(socket, dialling.endpoint.host);
      return socket;
    };
    return this;
  }

  /** Closes what is kept to where nothing may go any more. */
  dropDenied(egress: EgressGuard): void {
    for (const socket of Object.values(this.freeSockets).flatMap((sockets) => sockets ?? [])) {
      if (egress.denies(this.#hosts.get(socket) ?? "", socket.remoteAddress) !== undefined) socket.destroy();
    }
  }

  /** A connection serves one endpoint only: by its scheme and by the name that TLS asked for, too. */
  override getName(options?: RequestOptions): string {
    return `${options?.servername ?? ""}/${options?.host ?? ""}:${options?.port ?? ""}`;
  }

  override createConnection(_options: unknown, connected?: Connected): undefined {
    if (connected !== undefined) void this.#connect(connected);
    return undefined;
  }

  async #connect(connected: Connected): Promise<void> {
    const opened = await this.#open?.().catch((error: unknown) => (error instanceof Error ? error : new Error("no connection")));
    // The callback's type wants a stream beside an error too; nobody reads from it.
    if (opened instanceof Error || opened === undefined) connected(opened ?? new Error("not prepared"), new Duplex());
    else connected(null, opened);
  }
}

/** What tells the connections of one host and port apart. */
export function connectionKey({ secure, serverName }: Endpoint): string {
  return `${secure ? "tls" : "tcp"}:${serverName}`;
}
