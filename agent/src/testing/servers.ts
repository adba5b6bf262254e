/** Servers for tests, on loopback; `cleanUp` after each test ends them all. */
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecure } from "node:https";
import { createServer as createTcp, type Server, type Socket } from "node:net";
import type { Authority } from "./certificates.ts";

const cleanups: (() => void | Promise<void>)[] = [];

export function onCleanUp(end: () => void | Promise<void>): void {
  cleanups.push(end);
}

export async function cleanUp(): Promise<void> {
  for (const end of cleanups.splice(0).toReversed()) await end();
}

async function listen(server: Server, host = "127.0.0.1", port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  onCleanUp(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return portOf(server);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}

/** An HTTP server; gives its URL. */
export async function serve(listener: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  return `http://127.0.0.1:${await listen(createPlain((request, response) => void listener(request, response)))}`;
}

/** A TCP server; gives its host:port. */
export async function serveTcp(listener: (socket: Socket) => unknown): Promise<string> {
  const server = createTcp((socket) => {
    socket.on("error", () => undefined);
    listener(socket);
  });
  return `127.0.0.1:${await listen(server)}`;
}

/**
 * Listens where nobody should ever connect to: at a loopback address that is not the one of all other servers, if need
 * be at the same port as one of them.
 */
export async function serveTrap(port = 0): Promise<{ host: string; port: number; connections: () => number }> {
  let connections = 0;
  const server = createTcp((socket) => {
    connections += 1;
    socket.on("error", () => undefined).destroy();
  });
  // macOS has no 127.0.0.2 unless somebody makes it.
  const host = process.platform === "darwin" ? "::1" : "127.0.0.2";
  return { host, port: await listen(server, host, port), connections: () => connections };
}

/** An HTTPS server with a certificate of the authority. */
export async function serveTls(authority: Authority, options: { host: string; days: number }): Promise<{ port: number; expiresAt: number; requests: () => number }> {
  const { key, certificate, expiresAt } = await authority.issue(options.host, options.days);
  let requests = 0;
  const port = await listen(createSecure({ key, cert: certificate }, (_request, response) => (requests++, response.end("ok"))));
  return { port, expiresAt, requests: () => requests };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
