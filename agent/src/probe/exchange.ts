import { type Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import type { RequestOptions } from "node:https";
import type { Socket } from "node:net";
import { classify, type Stage } from "./classify.ts";
import { type DialContext, dial, type Dialling } from "./dial.ts";
import { connectionKey, type KeptConnection } from "./kept-connection.ts";
import { release, releaseReads } from "./read-memory.ts";
import { placeOf } from "./target.ts";

/** More of a body is not read: the probe of a longer one ends well, with the transfer time of so much. */
export const MAX_BODY_BYTES = 1024 * 1024;
const MAX_HEADER_BYTES = 64 * 1024;

/** The head of a response. */
export interface ResponseHead {
  statusCode: number;
  location: string | undefined;
}

/** What one request brought. Times in milliseconds. */
export interface Answer extends ResponseHead {
  firstByteMs: number;
  transferMs: number;
}

export interface Exchange {
  dialling: Dialling;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** A connection that is kept between probes; absent, each exchange opens one of its own. */
  kept?: KeptConnection;
  /** Called with the head; false leaves the body unread (a redirect's is of no interest). */
  onHead: (head: ResponseHead) => boolean;
}

/**
 * Sends one request and reads its response.
 * @throws ProbeError
 */
export async function exchange(context: DialContext, options: Exchange): Promise<Answer> {
  if (options.kept !== undefined) return converse(context, options, { agent: options.kept.prepare(context, options.dialling) });
  const socket = await dial(context, options.dialling);
  try {
    return await converse(context, options, { createConnection: () => socket });
  } finally {
    socket.destroy();
  }
}

type Transport = { agent: Agent } | { createConnection: () => Socket };

function converse(context: DialContext, options: Exchange, transport: Transport): Promise<Answer> {
  const { dialling, body } = options;
  return new Promise((resolve, reject) => {
    let stage: Stage = "firstByte";
    let settled = false;
    let request: ClientRequest | undefined;
    const release = dialling.scope.onAbort(fail);
    try {
      request = httpRequest(requestOptions(options, transport));
    } catch (error) {
      fail(error);
      return;
    }
    const times = requestTimes(context, request, dialling);
    request.on("error", fail).on("close", () => fail(undefined)).once("socket", releaseReads);
    // Nobody asked for another protocol or a tunnel; the status code alone is the answer.
    request.once("upgrade", (response) => succeed(response, "dropped")).once("connect", (response) => succeed(response, "dropped"));
    request.once("response", (response) => {
      stage = "transfer";
      times.head();
      if (options.onHead(headOf(response))) readBody(response, (ending) => succeed(response, ending), fail);
      else succeed(response, "dropped");
    });
    request.end(body);

    function succeed(response: IncomingMessage, ending: Ending): void {
      if (settle()) resolve({ ...headOf(response), ...times.end() });
      if (ending === "dropped") request?.destroy();
    }
    function fail(error: unknown): void {
      if (!settle()) return;
      reject(classify(error, placeOf(dialling.endpoint, stage, dialling.timeoutMs)));
      request?.destroy();
    }
    function settle(): boolean {
      if (settled) return false;
      settled = true;
      release();
      return true;
    }
  });
}

/** How a response ends: read to its end, so that the connection may serve again, or dropped with its connection. */
type Ending = "read" | "dropped";

/** Node tells no length of a body that goes with GET, HEAD, DELETE or OPTIONS: a server would take it for the next request, without our headers. */
function requestOptions({ dialling, method, path, headers, body }: Exchange, transport: Transport): RequestOptions {
  const { host, port } = dialling.endpoint;
  const framed = { ...headers, ...(body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) }) };
  return { ...transport, host, port, servername: connectionKey(dialling.endpoint), method, path, headers: framed, setHost: false, maxHeaderSize: MAX_HEADER_BYTES };
}

function headOf(response: IncomingMessage): ResponseHead {
  return { statusCode: response.statusCode ?? 0, location: response.headers.location };
}

/** Reads the body to its end, or to the limit. Nothing is decompressed: there is no bomb to go off. */
function readBody(response: IncomingMessage, done: (ending: Ending) => void, fail: (error: unknown) => void): void {
  let received = 0;
  response.on("data", (chunk: Buffer) => {
    received += chunk.length;
    release(chunk);
    if (received > MAX_BODY_BYTES) done("dropped");
  });
  response.once("end", () => done("read"));
  response.once("error", fail);
}

/** Times of the request: from when it can be sent, over the head of the response, to the last byte that is read. */
function requestTimes({ clock }: DialContext, request: ClientRequest, { onStage }: Dialling): { head(): void; end(): Pick<Answer, "firstByteMs" | "transferMs"> } {
  let sentAt = clock.monotonic();
  let headAt: number | undefined;
  request.once("socket", () => {
    sentAt = clock.monotonic();
    onStage("firstByte");
  });
  return {
    head() {
      headAt = clock.monotonic();
      onStage("transfer");
    },
    end() {
      const endAt = clock.monotonic();
      return { firstByteMs: (headAt ?? endAt) - sentAt, transferMs: headAt === undefined ? 0 : endAt - headAt };
    },
  };
}
