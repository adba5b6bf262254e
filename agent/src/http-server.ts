import { createServer, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EXPOSITION_TYPE } from "@sightline/shared/metrics";
import { errorFields, type Logger } from "@sightline/shared/telemetry";

/** What is missing for a part to be ready; undefined when nothing is. */
export type Readiness = Record<string, string | undefined>;

export interface HttpServerOptions {
  host: string;
  port: number;
  /** The exposition, a slice at a time. */
  metrics: () => AsyncIterable<string>;
  readiness: () => Readiness;
  log: Logger;
}

const PLAIN_TEXT = "text/plain; charset=utf-8";

/** Serves `/metrics`, `/healthz` and `/readyz`. */
export async function serveHttp(options: HttpServerOptions): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(options, request.method === "GET" || request.method === "HEAD" ? (request.url ?? "") : "", response).catch((error: unknown) => {
      options.log.error("A request could not be answered", errorFields(error));
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return { address: addressOf(server), close: () => closed(server) };
}

async function answer(options: HttpServerOptions, path: string, response: ServerResponse): Promise<void> {
  const [resource] = path.split("?");
  if (resource === "/metrics") await sendMetrics(response, options.metrics());
  else if (resource === "/healthz") send(response, 200, PLAIN_TEXT, "ok\n");
  else if (resource === "/readyz") sendReadiness(response, options.readiness());
  else send(response, 404, PLAIN_TEXT, "not found\n");
}

/** As it is made: other work goes on in between. Who goes away before the end has missed the rest. */
async function sendMetrics(response: ServerResponse, slices: AsyncIterable<string>): Promise<void> {
  response.writeHead(200, { "Content-Type": EXPOSITION_TYPE });
  try {
    await pipeline(Readable.from(slices), response);
  } catch (error) {
    const hungUp = error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
    if (!hungUp) throw error;
  }
}

function sendReadiness(response: ServerResponse, readiness: Readiness): void {
  const notReady = Object.entries(readiness).flatMap(([part, reason]) => (reason === undefined ? [] : [{ part, reason }]));
  send(response, notReady.length === 0 ? 200 : 503, "application/json", `${JSON.stringify({ ready: notReady.length === 0, notReady })}\n`);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { "Content-Type": contentType, "Content-Length": Buffer.byteLength(body) }).end(body);
}

function addressOf(server: Server): string {
  const address = server.address();
  return address === null || typeof address === "string" ? String(address) : `${address.address}:${address.port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
