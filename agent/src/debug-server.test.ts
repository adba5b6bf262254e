import { type OutgoingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";
import { systemClock } from "@sightline/shared";
import { type LogLevel, silentLogger } from "@sightline/shared/telemetry";
import type { Check } from "@sightline/shared/wire";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startDebugServer } from "./debug-server.ts";
import { loopbackAllowed } from "./testing/open-egress.ts";
import { Prober } from "./probe/probe.ts";

const CHECK: Omit<Check, "url"> = { method: "PUT", headers: {}, body: '{"level":"error"}', intervalMs: 30_000, timeoutMs: 5000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh" };

describe("the agent's debug listener", () => {
  let level: LogLevel;
  let server: { url: string; close(): Promise<void> };
  beforeEach(async () => {
    level = "info";
    const control = { get level() { return level; }, setLevel: (wanted: LogLevel) => void (level = wanted) };
    server = await startDebugServer({ listen: { host: "127.0.0.1", port: 0 }, clock: systemClock, log: silentLogger, level: control });
  });
  afterEach(() => server.close());

  function ask(method: string, path: string, body?: string, headers: OutgoingHttpHeaders = {}): Promise<{ status: number | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      const asked = request(`${server.url}${path}`, { method, headers: { ...(body === undefined ? {} : { "content-length": body.length }), ...headers } }, (response) => {
        text(response).then((answered) => resolve({ status: response.statusCode, body: answered }), reject);
      });
      asked.once("error", reject).end(body);
    });
  }

  it("changes the level of the log", async () => {
    expect(await ask("PUT", "/debug/log-level", '{"level":"debug"}')).toEqual({ status: 200, body: '{"level":"debug"}\n' });
    expect(level).toBe("debug");
  });

  it.each(['{"level":"loud"}', "{", "", "x".repeat(2000)])("refuses the body %j", async (body) => {
    const answer = await ask("PUT", "/debug/log-level", body);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("INVALID_ARGUMENT");
    expect(level).toBe("info");
  });

  it("serves profiles, and nothing else", async () => {
    expect((await ask("GET", "/debug/pprof/")).body).toContain("<h1>agent: /debug/pprof/</h1>");
    expect(await ask("GET", "/debug/pprof/heap")).toMatchObject({ status: 200 });
    expect(await ask("GET", "/debug/pprof/profile?seconds=0")).toMatchObject({ status: 400 });
    expect(await ask("GET", "/metrics")).toMatchObject({ status: 404 });
    expect(await ask("POST", "/debug/log-level", "{}")).toMatchObject({ status: 404 });
  });

  it("answers errors and unknown paths in the one shape, with the request's id", async () => {
    const headers = { "x-request-id": "mine" };
    const errorOf = async (path: string): Promise<unknown> => JSON.parse((await ask("GET", path, undefined, headers)).body);
    expect(await errorOf("/nowhere")).toEqual({ error: { code: "NOT_FOUND", message: "there is nothing under this path", request_id: "mine" } });
    expect(await errorOf("/debug/pprof/profile?seconds=0")).toMatchObject({ error: { code: "INVALID_ARGUMENT", request_id: "mine" } });
    const answer = JSON.parse((await ask("GET", "/nowhere")).body) as unknown;
    expect(answer).toMatchObject({ error: { request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown } });
  });

  it.each<[string, Partial<Check>]>([
    ["asks for another level of the log", {}],
    ["would leave its cluster out", { headers: { "X-Cluster-ID": "" } }],
    ["asks for the index", { method: "GET", url: "/debug/pprof/" }],
    ["hides a request in a body", { method: "GET", url: "/", body: 'PUT /debug/log-level HTTP/1.1\r\nHost: localhost\r\nContent-Length: 17\r\n\r\n{"level":"error"}' }],
  ])("refuses a probe that %s: the agent's own requests are those of tenants", async (_what, fields) => {
    const prober = new Prober({ clock: systemClock, egress: loopbackAllowed() });
    const own = { userAgent: "sightline-agent/test", cluster: "eu-1", region: "eu-west-1", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` };
    const check: Check = { ...CHECK, ...fields, url: `${server.url}${fields.url ?? "/debug/log-level"}` };
    const outcome = await prober.probe({ uid: "00000000-0000-4000-8000-000000000001", check, own }).outcome;
    prober.close();
    expect(outcome).toMatchObject({ statusCode: 403 });
    expect(level).toBe("info");
  });

  it.each(["rebound.example.com", "127.0.0.1.example.com:6060", "[::2]:6060", "127.0.0.1:", "10.0.0.7:6060"])("refuses the host %j: a web page must not reach it under its own name", async (host) => {
    const answer = await ask("GET", "/debug/log-level", undefined, { host });
    expect(answer).toMatchObject({ status: 403 });
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "FOREIGN_REQUEST" } });
  });

  it.each(["localhost", "LocalHost:16060", "127.0.0.1:6060", "127.8.9.1", "[::1]:6060"])("answers under the host %j, as a port-forward names it", async (host) => {
    expect(await ask("GET", "/debug/log-level", undefined, { host })).toMatchObject({ status: 200 });
  });
});
