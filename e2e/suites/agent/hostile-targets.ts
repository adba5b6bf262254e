import { once } from "node:events";
import { createServer as createHttp, type RequestListener, type ServerResponse } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";

/** A target that means no good: where it is, and what a probe of it may end with ("" is a success). */
export interface HostileTarget {
  url: string;
  codes: readonly string[];
}

/** Each kind of hostile target, on loopback. `close` ends them all, with their connections. */
export async function startHostileTargets(): Promise<{ targets: Map<string, HostileTarget>; close: () => void }> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const targets = new Map<string, HostileTarget>();
  for (const [kind, { server, scheme = "http", codes }] of Object.entries(kinds())) {
    server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => undefined).on("close", () => sockets.delete(socket))));
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error(`${kind} does not listen`);
    targets.set(kind, { url: `${scheme}://127.0.0.1:${address.port}/`, codes });
  }
  const close = (): void => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { targets, close };
}

function kinds(): Record<string, { server: Server; scheme?: string; codes: string[] }> {
  // 64 MiB once it is unpacked.
  const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2));
  const flood = Buffer.alloc(64 * 1024, "x");
  const manyHeaders = `HTTP/1.1 200 OK\r\n${Array.from({ length: 10_000 }, (_none, n) => `X-Filler-${n}: 0123456789\r\n`).join("")}\r\n`;
  return {
    "slow headers": { server: tcp((socket) => every(100, socket, "X: y\r\n", "HTTP/1.1 200 OK\r\n")), codes: ["TIMEOUT"] },
    "slow body": { server: http((_request, response) => drip(response)), codes: ["TIMEOUT"] },
    "endless body": { server: http((_request, response) => endlessly(response, flood)), codes: [""] },
    "gzip bomb": { server: http((_request, response) => void response.writeHead(200, { "Content-Encoding": "gzip" }).end(bomb)), codes: [""] },
    "10,000 headers": { server: tcp((socket) => void socket.write(manyHeaders)), codes: ["INVALID_RESPONSE"] },
    "redirect loop": { server: http((_request, response) => void response.writeHead(302, { Location: "/again" }).end()), codes: ["TOO_MANY_REDIRECTS"] },
    "TLS that never answers": { server: tcp(() => undefined), scheme: "https", codes: ["TIMEOUT"] },
  };
}

function http(listener: RequestListener): Server {
  return createHttp(listener);
}

/** Acts once the client has sent something. */
function tcp(listener: (socket: Socket) => void): Server {
  return createServer((socket) => socket.once("data", () => listener(socket)));
}

function drip(response: ServerResponse): void {
  response.writeHead(200).flushHeaders();
  every(100, response, "x");
}

function every(ms: number, stream: Socket | ServerResponse, part: string, first = part): void {
  stream.write(first);
  const timer = setInterval(() => void stream.write(part), ms);
  stream.once("close", () => clearInterval(timer));
}

function endlessly(response: ServerResponse, chunk: Buffer): void {
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    response.once("drain", more);
  };
  more();
}
