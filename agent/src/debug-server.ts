import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { json as readJson } from "node:stream/consumers";
import { type Clock, nothingHere, type Problem, problem, requestIdOf, unforeseen } from "@sightline/shared";
import { DebugError, debugRoutes, type DebugRoute, EventLoopWatch, isLoopback, Profiler, statusOfDebugError } from "@sightline/shared/debug";
import type { HostPort } from "@sightline/shared/flags";
import { errorFields, type LevelControl, type Logger } from "@sightline/shared/telemetry";

export interface DebugServerOptions {
  /** A loopback address: nobody is asked who they are. */
  listen: HostPort;
  clock: Clock;
  log: Logger;
  level: LevelControl;
}

const MAX_BODY_BYTES = 1024;

/** Serves profiles and the log level to whoever is inside the pod already, and means it. */
export async function startDebugServer({ listen, clock, log, level }: DebugServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const profiler = new Profiler(clock);
  await profiler.start();
  const eventLoop = new EventLoopWatch();
  const routes = debugRoutes({ component: "agent", profiler, eventLoop, level, logger: log, argv: process.argv });
  const server = createServer((request, response) => {
    const requestId = requestIdOf(request.headers["x-request-id"]);
    response.setHeader("X-Request-Id", requestId);
    answer(routes, { request, requestId }, response).catch((error: unknown) => refuse(response, { error, requestId }, log));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(listen.port, listen.host, resolve);
  });
  const address = server.address();
  const url = `http://${listen.host.includes(":") ? `[${listen.host}]` : listen.host}:${typeof address === "object" ? address?.port : listen.port}`;
  log.info("Debug listener listens", { url });
  return {
    url,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      eventLoop.close();
      profiler.close();
    },
  };
}

async function answer(routes: readonly DebugRoute[], { request, requestId }: { request: IncomingMessage; requestId: string }, response: ServerResponse): Promise<void> {
  mustBeMeant(request.headers);
  const [path, query] = (request.url ?? "").split("?", 2);
  const route = routes.find((one) => one.path === path && one.method === request.method);
  if (route === undefined) return send(response, 404, nothingHere(requestId));
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const body = request.method === "GET" ? undefined : await bodyOf(request);
  const { contentType, body: answered } = await route.answer({ query: new URLSearchParams(query), body, signal: gone.signal, caller: "a process of the same pod" });
  response.writeHead(200, { "Content-Type": contentType }).end(answered);
}

/**
 * Who is in the pod may ask; what others make the pod ask gets nothing. A probe goes where a tenant's monitor says, and
 * always has its cluster with it. A browser goes where the name of a web page leads it, and always says that name.
 * @throws DebugError FOREIGN_REQUEST
 */
function mustBeMeant(headers: IncomingHttpHeaders): void {
  if (headers["x-cluster-id"] !== undefined) throw new DebugError("FOREIGN_REQUEST", "a probe gets nothing here, whatever its monitor asks for");
  const [, host = ""] = /^(\[::1\]|[^:]+)(?::\d+)?$/.exec(headers.host ?? "") ?? [];
  if (!isLoopback({ host: host.toLowerCase().replace("[::1]", "::1") })) throw new DebugError("FOREIGN_REQUEST", "the header Host must name a loopback address, such as 127.0.0.1");
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers["content-length"] ?? MAX_BODY_BYTES + 1) > MAX_BODY_BYTES) throw new DebugError("INVALID_ARGUMENT", `the body must say its length, at most ${MAX_BODY_BYTES} bytes`);
  try {
    return await readJson(request);
  } catch (error) {
    throw new DebugError("INVALID_ARGUMENT", "the body is not JSON", { cause: error });
  }
}

function refuse(response: ServerResponse, { error, requestId }: { error: unknown; requestId: string }, log: Logger): void {
  if (error instanceof DebugError) return send(response, statusOfDebugError(error.code), problem(error.code, error.message, requestId));
  log.error("A debug request failed", { request_id: requestId, ...errorFields(error) });
  send(response, 500, unforeseen(requestId));
}

function send(response: ServerResponse, status: number, body: Problem): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}
