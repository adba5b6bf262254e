import { request } from "node:http";
import { text } from "node:stream/consumers";
import { systemClock } from "@sightline/shared";
import { type LogLevel, silentLogger } from "@sightline/shared/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startDebugServer } from "./debug-server.ts";

describe("the agent's debug listener", () => {
  let level: LogLevel;
  let server: { url: string; close(): Promise<void> };
  beforeEach(async () => {
    level = "info";
    const control = { get level() { return level; }, setLevel: (wanted: LogLevel) => void (level = wanted) };
    server = await startDebugServer({ listen: { host: "127.0.0.1", port: 0 }, clock: systemClock, log: silentLogger, level: control });
  });
  afterEach(() => server.close());

  function ask(method: string, path: string, body?: string): Promise<{ status: number | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      const asked = request(`${server.url}${path}`, { method, headers: body === undefined ? {} : { "content-length": body.length } }, (response) => {
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
});
