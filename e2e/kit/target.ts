import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";

/** One request as the target saw it. */
export interface SeenRequest {
  at: number;
  path: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Which of all the connections that were opened to the target it came by. */
  connection: number;
  /** From X-Cluster-ID. */
  cluster: string;
  /** From X-Cluster-Region. */
  region: string;
}

/** Decides what a path answers. Not answering at all is allowed: the probe must bear it. */
export type Behaviour = (request: SeenRequest, response: ServerResponse) => void;

/** A real HTTP server on loopback whose paths behave as a test or the demo says, and that remembers whom it served. */
export interface Target {
  /** URL of a path of this target. */
  url(path: string): string;
  port: number;
  /** Sets how a path answers; unknown paths answer 404. */
  behave(path: string, behaviour: Behaviour): void;
  /** Requests for a path so far, in order of arrival. */
  seen(path: string): SeenRequest[];
  /** Forgets the requests seen so far. */
  forget(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Keeps this many requests per path: more than a test looks at, less than an evening of the demo. */
const REMEMBERED = 10_000;

export async function startTarget(port = 0): Promise<Target> {
  const behaviours = new Map<string, Behaviour>();
  const requests = new Map<string, SeenRequest[]>();
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });

  const connections = new WeakMap<object, number>();
  let opened = 0;
  server.on("connection", (socket) => void connections.set(socket, ++opened));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = connections.get(request.socket) ?? 0;
    const seen = { ...(await read(request)), connection };
    const list = requests.get(seen.path) ?? [];
    requests.set(seen.path, list);
    list.push(seen);
    if (list.length > REMEMBERED) list.shift();
    const behaviour = behaviours.get(seen.path);
    if (behaviour === undefined) response.writeHead(404).end("no such path\n");
    else behaviour(seen, response);
  }

  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return {
    port: bound,
    url: (path) => `http://127.0.0.1:${bound}${path}`,
    behave: (path, behaviour) => void behaviours.set(path, behaviour),
    seen: (path) => [...(requests.get(path) ?? [])],
    forget: () => requests.clear(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function read(request: IncomingMessage): Promise<Omit<SeenRequest, "connection">> {
  const at = Date.now();
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const header = (name: string): string => String(request.headers[name] ?? "");
  return {
    at,
    path: new URL(request.url ?? "/", "http://target").pathname,
    method: request.method ?? "",
    headers: request.headers,
    body: Buffer.concat(chunks).toString("utf8"),
    cluster: header("x-cluster-id"),
    region: header("x-cluster-region"),
  };
}

/** Answers always with this status. */
export function answers(status: number): Behaviour {
  return (_request, response) => void response.writeHead(status).end(`${status}\n`);
}

/** Sends the client elsewhere. */
export function redirects(status: number, location: string): Behaviour {
  return (_request, response) => void response.writeHead(status, { location }).end();
}

/** Answers 500 to the clusters of one region, 200 to all others. */
export function failsIn(region: string): Behaviour {
  return (request, response) => answers(request.region === region ? 500 : 200)(request, response);
}

/** Answers 200 after a delay in milliseconds. */
export function answersAfter(delayMs: number): Behaviour {
  return (request, response) => void setTimeout(() => answers(200)(request, response), delayMs);
}
