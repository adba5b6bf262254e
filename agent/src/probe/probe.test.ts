import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { systemClock } from "@sightline/shared";
import type { Check } from "@sightline/shared/wire";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Authority, issueAuthority } from "../testing/certificates.ts";
import { loopbackAllowed } from "../testing/open-egress.ts";
import { cleanUp, closedPort, onCleanUp, serve, serveTcp, serveTls } from "../testing/servers.ts";
import { Prober, type ProbeOutcome } from "./probe.ts";

afterEach(cleanUp);

describe("a probe", () => {
  it("sends the monitor's headers, and ours, which cannot be overridden", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const url = await serve((request, response) => (seen.push(request.headers), response.end("ok")));
    const outcome = await probe({
      url,
      headers: { Accept: "text/plain", "x-cluster-id": "forged", "X-CLUSTER-REGION": "forged", Traceparent: "forged", Connection: "upgrade", "Transfer-Encoding": "chunked" },
    });
    expect(outcome).toMatchObject({ success: true, statusCode: 200 });
    expect(outcome.error).toBeUndefined();
    expect(seen[0]).toMatchObject({ accept: "text/plain", "user-agent": "sightline-agent/test", "x-cluster-id": "eu-1", "x-cluster-region": "eu-west-1", traceparent: OWN.traceparent, connection: "close" });
    expect(seen[0]).not.toHaveProperty("transfer-encoding");
    expect(seen[0]?.host).toBe(new URL(url).host);
  });

  it("lets the monitor set User-Agent and Host", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const url = await serve((request, response) => (seen.push(request.headers), response.end()));
    await probe({ url, headers: { "user-agent": "mine", HOST: "shop.example.com" } });
    expect(seen[0]).toMatchObject({ "user-agent": "mine", host: "shop.example.com" });
  });

  it.each(["POST", "GET", "DELETE", "OPTIONS"] as const)("sends the body of a %s with its length, so that nothing in it is taken for a request", async (method) => {
    const bodies: string[] = [];
    const url = await serve(async (request, response) => {
      bodies.push(`${request.method} ${request.headers["content-length"]}:${await text(request)}`);
      response.end();
    });
    await probe({ url, method, body: "PUT / HTTP/1.1\r\nHost: grüße\r\n\r\n" });
    expect(bodies).toEqual([`${method} 33:PUT / HTTP/1.1\r\nHost: grüße\r\n\r\n`]);
  });

  it("opens a new connection for each probe when Fresh, and keeps one when Reuse", async () => {
    const sockets = new Set<Socket>();
    const url = await serve((request, response) => (sockets.add(request.socket), response.end("ok")));
    const prober = newProber();
    for (let round = 0; round < 3; round++) await run(prober, { url });
    expect(sockets.size).toBe(3);
    const reused: ProbeOutcome[] = [];
    for (let round = 0; round < 3; round++) reused.push(await run(prober, { url, connection: "Reuse" }));
    expect(sockets.size).toBe(4);
    expect(reused.map(({ phases }) => phases.connect === undefined)).toEqual([false, true, true]);
  });

  it("measures its phases, which add up to no more than the whole", async () => {
    const url = (await serve((_request, response) => response.end("ok"))).replace("127.0.0.1", "localhost");
    const { phases, durationMs } = await probe({ url });
    expect(Object.keys(phases).toSorted()).toEqual(["connect", "dns", "firstByte", "transfer"]);
    const { dns = 0, connect = 0, firstByte = 0, transfer = 0 } = phases;
    expect(dns + connect + firstByte + transfer).toBeLessThanOrEqual(durationMs + 0.001);
  });

  it("says what came instead of the expected status", async () => {
    const url = await serve((_request, response) => response.writeHead(500).end());
    expect(await probe({ url })).toMatchObject({ success: false, statusCode: 500, error: { code: "UNEXPECTED_STATUS", message: "unexpected status code: got 500, expected 200" } });
    expect((await probe({ url, expectedStatuses: ["2xx", "301"] })).error?.message).toBe("unexpected status code: got 500, expected 2xx or 301");
    expect(await probe({ url, expectedStatuses: ["5xx"] })).toMatchObject({ success: true, statusCode: 500 });
  });

  it("reads at most 1 MiB of a body, and succeeds with that", async () => {
    let closed = false;
    const url = await serve((_request, response) => {
      response.on("close", () => (closed = true));
      endlessly(response);
    });
    expect(await probe({ url })).toMatchObject({ success: true, statusCode: 200 });
    await expect.poll(() => closed).toBe(true);
  });

  it("is over at once when cancelled, without an outcome", async () => {
    const url = await serve(() => undefined);
    const running = newProber().probe({ uid: UID, check: check({ url, timeoutMs: 60_000 }), own: OWN });
    running.cancel();
    expect(await running.outcome).toBeUndefined();
  });
});

describe("redirects", () => {
  it("are followed, with GET and without the body, but for 307 and 308", async () => {
    const seen: string[] = [];
    const url = await serve(async (request, response) => {
      seen.push(`${request.method} ${request.url} ${await text(request)} ${request.headers["content-type"]}`);
      const status = /^\/(\d+)$/.exec(request.url ?? "")?.[1];
      if (status === undefined) response.end();
      else response.writeHead(Number(status), { Location: "/end" }).end();
    });
    for (const status of [301, 302, 303, 307, 308]) {
      expect(await probe({ url: `${url}/${status}`, method: "POST", body: "x", headers: { "Content-Type": "text/plain" } })).toMatchObject({ success: true, statusCode: 200 });
    }
    const ends = seen.filter((line) => line.includes("/end"));
    expect(ends).toEqual(["GET /end  undefined", "GET /end  undefined", "GET /end  undefined", "POST /end x text/plain", "POST /end x text/plain"]);
  });

  it("take no credentials and no Host to another origin, but ours go along", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const other = await serve((request, response) => (seen.push(request.headers), response.end()));
    const url = await serve((_request, response) => response.writeHead(302, { Location: other }).end());
    await probe({ url, headers: { Authorization: "Bearer canary", cookie: "canary", Host: "a.example", "X-Mine": "kept" } });
    expect(seen[0]).toMatchObject({ host: new URL(other).host, "x-mine": "kept", "x-cluster-id": "eu-1", traceparent: OWN.traceparent });
    expect(JSON.stringify(seen[0])).not.toContain("canary");
  });

  it("end after the allowed number", async () => {
    let requests = 0;
    const url = await serve((_request, response) => (requests++, response.writeHead(302, { Location: "/again" }).end()));
    expect(await probe({ url, redirects: { follow: true, max: 3 } })).toMatchObject({ success: false, statusCode: 302, error: { code: "TOO_MANY_REDIRECTS", message: "more than 3 redirects" } });
    expect(requests).toBe(4);
  });

  it("are results like others when not to be followed", async () => {
    const url = await serve((_request, response) => response.writeHead(302, { Location: "/x" }).end());
    expect(await probe({ url, redirects: { follow: false, max: 10 }, expectedStatuses: ["302"] })).toMatchObject({ success: true, statusCode: 302 });
  });

  it.each(["file:///etc/passwd", "gopher://x/", "http://"])("to %s are refused", async (location) => {
    const url = await serve((_request, response) => response.writeHead(302, { Location: location }).end());
    expect((await probe({ url })).error?.code).toBe("INVALID_REDIRECT");
  });
});

describe("a failing probe names its error", () => {
  it("CONNECT_REFUSED", async () => {
    const port = await closedPort();
    expect(await probe({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ success: false, statusCode: 0, error: { code: "CONNECT_REFUSED", message: `connection refused by 127.0.0.1:${port}` } });
    expect((await probe({ url: `http://localhost:${port}/` })).error?.code).toBe("CONNECT_REFUSED");
  });

  it("DNS_NOT_FOUND or DNS_FAILED, as the machine's resolver answers", async () => {
    const { error } = await probe({ url: "http://nowhere.invalid/" });
    expect(error?.code).toMatch(/^DNS_(NOT_FOUND|FAILED)$/);
    expect(error?.message).toContain("nowhere.invalid");
  });

  it("CONNECTION_RESET and CONNECTION_CLOSED", async () => {
    const reset = await serveTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect((await probe({ url: `http://${reset}/` })).error?.code).toBe("CONNECTION_RESET");
    const closed = await serveTcp((socket) => socket.once("data", () => socket.end()));
    expect((await probe({ url: `http://${closed}/` })).error?.code).toBe("CONNECTION_CLOSED");
    const half = await serveTcp((socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")));
    expect(await probe({ url: `http://${half}/` })).toMatchObject({ statusCode: 200, error: { code: "CONNECTION_CLOSED" } });
  });

  it("INVALID_RESPONSE", async () => {
    const garbage = await serveTcp((socket) => socket.once("data", () => socket.end("SSH-2.0-OpenSSH\r\n")));
    expect((await probe({ url: `http://${garbage}/` })).error?.code).toBe("INVALID_RESPONSE");
    const huge = await serveTcp((socket) => {
      const header = "X-Filler: 0123456789\r\n".repeat(10_000);
      socket.once("data", () => socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n`));
    });
    expect((await probe({ url: `http://${huge}/` })).error).toEqual({ code: "INVALID_RESPONSE", message: "the response is not valid HTTP: its headers are larger than 64 KiB" });
  });

  it("INVALID_REQUEST, without the header's value and without leaving a connection", async () => {
    const open = new Set<Socket>();
    const url = `http://${await serveTcp((socket) => (open.add(socket.resume()), socket.on("close", () => open.delete(socket))))}/`;
    const { error } = await probe({ url, headers: { "X-Token": "canary\nX: y" } });
    expect(error?.code).toBe("INVALID_REQUEST");
    expect(error?.message).not.toContain("canary");
    expect((await probe({ url: "http://" })).error?.code).toBe("INVALID_REQUEST");
    await expect.poll(() => open.size).toBe(0);
  });
});

describe("a hostile target cannot hold a probe up", () => {
  const TIMEOUT = 300;

  it.each<[string, RequestListener]>([
    ["never answers", () => undefined],
    ["sends a head and then nothing", (_request, response) => void response.writeHead(200, { "Content-Length": "10" }).write("x")],
    ["drips its body", (_request, response) => drip(response)],
  ])("that %s", async (_what, listener) => {
    const url = await serve(listener);
    const outcome = await probe({ url, timeoutMs: TIMEOUT });
    expect(outcome.error?.code).toBe("TIMEOUT");
    expect(outcome.error?.message).toMatch(/^no complete response within 300ms/);
    expect(outcome.durationMs).toBeLessThan(TIMEOUT + 1000);
  });

  it("that drips its headers, or hangs in the TLS handshake", async () => {
    const headers = await serveTcp((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      every(20, () => socket.write("X: y\r\n"), socket);
    });
    expect((await probe({ url: `http://${headers}/`, timeoutMs: TIMEOUT })).error).toEqual({ code: "TIMEOUT", message: "no complete response within 300ms: it ended while waiting for the response" });
    const silent = await serveTcp(() => undefined);
    expect((await probe({ url: `https://${silent}/`, timeoutMs: TIMEOUT })).error?.message).toContain("in the TLS handshake");
  });

  it("by a redirect loop: the time is the whole probe's", async () => {
    const url = await serve((_request, response) => setTimeoutIn(response, 100, () => response.writeHead(302, { Location: "/" }).end()));
    const outcome = await probe({ url, timeoutMs: TIMEOUT, redirects: { follow: true, max: 100 } });
    expect(outcome.error?.code).toBe("TIMEOUT");
    expect(outcome.durationMs).toBeLessThan(TIMEOUT + 1000);
  });

  it("nor keep its sockets", async () => {
    const open = new Set<Socket>();
    const address = await serveTcp((socket) => {
      open.add(socket.resume());
      socket.on("close", () => open.delete(socket));
    });
    await Promise.all(Array.from({ length: 20 }, () => probe({ url: `http://${address}/`, timeoutMs: 100 })));
    await expect.poll(() => open.size).toBe(0);
  });
});

describe("TLS", () => {
  let authority: Authority;
  let stranger: Authority;
  beforeAll(async () => {
    authority = await issueAuthority("trusted");
    stranger = await issueAuthority("stranger");
  });

  it("is checked and timed, and the earliest expiry is reported", async () => {
    const { port, expiresAt } = await serveTls(authority, { host: "localhost", days: 5 });
    const outcome = await probe({ url: `https://localhost:${port}/` }, authority);
    expect(outcome).toMatchObject({ success: true, certificateExpiresAt: expiresAt });
    expect(outcome.phases.tls).toBeGreaterThan(0);
  });

  it("asks for the name of the Host header", async () => {
    const { port } = await serveTls(authority, { host: "shop.example.com", days: 5 });
    expect(await probe({ url: `https://127.0.0.1:${port}/`, headers: { Host: "shop.example.com:8443" } }, authority)).toMatchObject({ success: true });
    expect((await probe({ url: `https://127.0.0.1:${port}/` }, authority)).error?.code).toBe("TLS_HOST_MISMATCH");
  });

  it("refuses an expired certificate, says when it ended, and sends nothing", async () => {
    const { port, expiresAt, requests } = await serveTls(authority, { host: "localhost", days: -1 });
    const outcome = await probe({ url: `https://localhost:${port}/` }, authority);
    expect(outcome).toMatchObject({ success: false, statusCode: 0, error: { code: "TLS_EXPIRED" }, certificateExpiresAt: expiresAt });
    expect(requests()).toBe(0);
  });

  it("refuses an unknown authority, a wrong name, and a server that speaks no TLS", async () => {
    const unknown = await serveTls(stranger, { host: "localhost", days: 5 });
    expect((await probe({ url: `https://localhost:${unknown.port}/` }, authority)).error?.code).toBe("TLS_UNTRUSTED");
    const wrong = await serveTls(authority, { host: "other.example.com", days: 5 });
    expect((await probe({ url: `https://localhost:${wrong.port}/` }, authority)).error?.code).toBe("TLS_HOST_MISMATCH");
    const plain = await serve((_request, response) => response.end());
    expect((await probe({ url: plain.replace("http:", "https:") }, authority)).error?.code).toBe("TLS_FAILED");
  });
});

const UID = "00000000-0000-4000-8000-000000000001";
const OWN = { userAgent: "sightline-agent/test", cluster: "eu-1", region: "eu-west-1", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` };

function check(fields: Partial<Check> & { url: string }): Check {
  return { method: "GET", headers: {}, intervalMs: 30_000, timeoutMs: 5000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh", ...fields };
}

function newProber(authority?: Authority): Prober {
  const prober = new Prober({ clock: systemClock, egress: loopbackAllowed(), ...(authority === undefined ? {} : { secureContext: createSecureContext({ ca: authority.pem }) }) });
  onCleanUp(() => prober.close());
  return prober;
}

function probe(fields: Partial<Check> & { url: string }, authority?: Authority): Promise<ProbeOutcome> {
  return run(newProber(authority), fields);
}

async function run(prober: Prober, fields: Partial<Check> & { url: string }): Promise<ProbeOutcome> {
  const outcome = await prober.probe({ uid: UID, check: check(fields), own: OWN }).outcome;
  if (outcome === undefined) throw new Error("the probe was cancelled");
  return outcome;
}

async function text(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

function endlessly(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    response.once("drain", more);
  };
  more();
}

function drip(response: ServerResponse): void {
  response.writeHead(200);
  every(20, () => response.write("x"), response);
}

function every(ms: number, act: () => void, until: { destroyed: boolean; once(event: "close", listener: () => void): unknown }): void {
  const again = (): void => {
    if (until.destroyed) return;
    act();
    systemClock.schedule(ms, again);
  };
  again();
}

function setTimeoutIn(response: ServerResponse, ms: number, act: () => void): void {
  systemClock.schedule(ms, () => {
    if (!response.destroyed) act();
  });
}
