import { Counter, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { buildApi, parseListen } from "./server.ts";

const holds = { name: "nats", missing: () => undefined };
const lacks = { name: "kubernetes", missing: () => "the first list of HTTPMonitors has not been read" };

describe("the hub's probes", () => {
  it("say 200 when nothing is missing", async () => {
    const api = buildApi({ registry: new Registry(), readiness: [holds], liveness: [] });
    const answer = await api.inject("/readyz");
    expect([answer.statusCode, answer.json()]).toEqual([200, { ready: true, missing: {} }]);
  });

  it("name everything that is missing with 503", async () => {
    const api = buildApi({ registry: new Registry(), readiness: [holds, lacks], liveness: [] });
    const answer = await api.inject("/readyz");
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ ready: false, missing: { kubernetes: "the first list of HTTPMonitors has not been read" } });
    expect((await api.inject("/healthz")).statusCode).toBe(200);
  });

  it("serve the metrics of the given registry", async () => {
    const registry = new Registry();
    new Counter({ name: "things_total", help: "Things.", registers: [registry] }).inc(3);
    const answer = await buildApi({ registry, readiness: [], liveness: [] }).inject("/metrics");
    expect(answer.body).toContain("things_total 3");
    expect(answer.headers["content-type"]).toContain("text/plain");
  });
});

describe("parseListen", () => {
  it.each([
    ["127.0.0.1:8080", { host: "127.0.0.1", port: 8080 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    [":9090", { host: "", port: 9090 }],
  ])("reads %s", (text, parsed) => expect(parseListen(text)).toEqual(parsed));

  it.each(["8080", "host:", "host:99999", "::1:80"])("refuses %s with what would be right", (text) => {
    expect(() => parseListen(text)).toThrow(/must be host:port, such as 0\.0\.0\.0:8080/);
  });
});
