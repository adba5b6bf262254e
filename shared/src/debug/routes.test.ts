import { describe, expect, it } from "vitest";
import { type LogLevel, silentLogger } from "../telemetry/log.ts";
import { ManualClock } from "../testing/mod.ts";
import { EventLoopWatch } from "./event-loop.ts";
import { commandLine, levelIn, secondsIn } from "./parameters.ts";
import { Profiler } from "./profiler.ts";
import { type DebugAnswer, debugRoutes } from "./routes.ts";

describe("the parameters of a debug request", () => {
  it.each([["", 30], ["seconds=1", 1], ["seconds=60", 60]])("?%s means %i seconds", (query, seconds) => {
    expect(secondsIn(new URLSearchParams(query), 30)).toBe(seconds);
  });

  it.each(["seconds=0", "seconds=61", "seconds=-1", "seconds=1.5", "seconds=1e1", "seconds=", "seconds=999999999999"])("?%s is refused", (query) => {
    expect(() => secondsIn(new URLSearchParams(query), 30)).toThrow("seconds must be a whole number from 1 to 60");
  });

  it.each([undefined, null, "debug", {}, { level: "DEBUG" }, { level: "constructor" }, { level: 1 }])("%j names no level", (body) => {
    expect(() => levelIn(body)).toThrow('the body must be {"level": "…"} with one of debug, info, warn, error');
  });

  it("of a command line are parted by NUL", () => {
    expect(commandLine(["node", "main.ts", "--nats-url", "tls://b:4222"])).toBe("node\0main.ts\0--nats-url\0tls://b:4222");
  });

  it.each([
    ["nats://me:secret@a:4222,tls://b:4222", "nats://***@a:4222,tls://b:4222"],
    ["nats://me:one@a,nats://me:two@b", "nats://***@a,nats://***@b"],
    ["nats://me:p@ss@word@a:4222", "nats://***@a:4222"],
    ["nats://me:pass/word@a:4222", "nats://***@a:4222"],
    ["nats://me:pass,word@a:4222", "nats://***@a:4222"],
    ["--nats-url=nats://me:pass word@a:4222", "--nats-url=nats://***@a:4222"],
    ["--listen=127.0.0.1:8080", "--listen=127.0.0.1:8080"],
  ])("of a command line show no credentials of a URL: %s", (argument, shown) => {
    expect(commandLine([argument])).toBe(shown);
  });
});

function routes(): { ask: (method: string, path: string, body?: unknown) => Promise<DebugAnswer | undefined>; lines: unknown[] } {
  const lines: unknown[] = [];
  let level: LogLevel = "info";
  const control = { get level() { return level; }, setLevel: (wanted: LogLevel) => void (level = wanted) };
  const logger = { ...silentLogger, warn: (message: string, fields?: object) => void lines.push([message, fields]) };
  const all = debugRoutes({ component: "hub", profiler: new Profiler(new ManualClock()), eventLoop: new EventLoopWatch(), level: control, logger, argv: ["node"] });
  const ask = async (method: string, path: string, body?: unknown): Promise<DebugAnswer | undefined> =>
    all.find((route) => route.method === method && route.path === path)?.answer({ query: new URLSearchParams(), body, signal: new AbortController().signal, caller: "ann" });
  return { ask, lines };
}

describe("the debug routes", () => {
  it("change the level at run time, and log who did it", async () => {
    const { ask, lines } = routes();
    expect(await ask("PUT", "/debug/log-level", { level: "debug" })).toMatchObject({ body: '{"level":"debug"}\n' });
    expect(await ask("GET", "/debug/log-level")).toMatchObject({ body: '{"level":"debug"}\n' });
    expect(lines).toEqual([["The log level was changed", { from: "info", to: "debug", caller: "ann" }]]);
  });

  it("link from their index only to what there is", async () => {
    const { ask } = routes();
    const index = String((await ask("GET", "/debug/pprof/"))?.body);
    const links = [...index.matchAll(/href="([^"?]+)/g)].map(([, href = ""]) => new URL(href, "http://hub/debug/pprof/").pathname);
    expect(links).toContain("/debug/pprof/profile");
    for (const path of links.filter((one) => !/profile|heap|trace/.test(one))) expect(await ask("GET", path), path).toBeDefined();
  });
});
