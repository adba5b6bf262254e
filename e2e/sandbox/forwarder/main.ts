/**
 * One loopback port that leads to any live hub, as a Service does in a cluster: raw TCP, so that TLS is between the API
 * server and the hub. Arguments: the port, and a folder with one file per hub that holds its port. A process of its own,
 * since it must go on when the one that started the sandbox ends.
 */
import { readdir, readFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import path from "node:path";

import { randomShare, systemClock } from "@sightline/shared";

/** How long a hub may leave a client without a word until the next one is tried beside it: it may stand still. */
const PATIENCE_MS = 700;

const [port = "", folder = ""] = process.argv.slice(2);

async function backends(): Promise<number[]> {
  const files = await readdir(folder);
  const ports = await Promise.all(files.filter((file) => !file.endsWith(".tmp")).map(async (file) => Number(await readFile(path.join(folder, file), "utf8"))));
  // In any order, as a Service chooses: who tests it must be right with each.
  return ports.filter((backend) => Number.isInteger(backend) && backend > 0).toSorted(() => randomShare() - 0.5);
}

/** Offers a client's first bytes to one hub after the other. The first that answers gets the connection. */
class Forwarding {
  readonly #client: Socket;
  readonly #asked = new Set<Socket>();
  /** What the client has said before anybody answered: the beginning of its handshake. */
  #said: (Buffer | string)[] = [];
  #waiting: number[];
  #next: { cancel(): void } | undefined;
  #settled = false;

  constructor(client: Socket, waiting: readonly number[]) {
    this.#client = client;
    this.#waiting = [...waiting];
  }

  start(): void {
    if (this.#client.destroyed) return;
    this.#client.on("data", (chunk) => this.#hear(chunk));
    this.#client.on("close", () => this.#end());
    this.#askNext();
  }

  #hear(chunk: Buffer | string): void {
    if (this.#settled) return;
    this.#said.push(chunk);
    for (const hub of this.#asked) hub.write(chunk);
  }

  #askNext(): void {
    this.#next?.cancel();
    const [backend, ...rest] = this.#waiting;
    this.#waiting = rest;
    if (backend === undefined) {
      if (this.#asked.size === 0) this.#client.destroy();
      return;
    }
    const hub = connect(backend, "127.0.0.1");
    this.#asked.add(hub);
    for (const chunk of this.#said) hub.write(chunk);
    hub.once("data", (first) => this.#settle(hub, first));
    hub.on("error", () => undefined);
    hub.once("close", () => this.#lost(hub));
    this.#next = systemClock.schedule(PATIENCE_MS, () => this.#askNext());
  }

  #lost(hub: Socket): void {
    this.#asked.delete(hub);
    if (!this.#settled) this.#askNext();
  }

  #settle(hub: Socket, first: Buffer | string): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#next?.cancel();
    for (const other of this.#asked) if (other !== hub) other.destroy();
    this.#said = [];
    this.#client.write(first);
    hub.pipe(this.#client);
    this.#client.removeAllListeners("data");
    this.#client.pipe(hub);
    hub.once("close", () => this.#client.destroySoon());
  }

  #end(): void {
    this.#next?.cancel();
    this.#waiting = [];
    for (const hub of this.#asked) hub.destroy();
  }
}

const server = createServer({ allowHalfOpen: false }, (client) => {
  client.on("error", () => undefined);
  void backends().then(
    (found) => new Forwarding(client, found).start(),
    () => client.destroy(),
  );
});
server.listen(Number(port), "127.0.0.1");
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
