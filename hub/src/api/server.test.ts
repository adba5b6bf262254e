import { silentLogger } from "@sightline/shared/telemetry";
import { Counter, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { RecordingAuditLog } from "../audit/testing.ts";
import { authenticationFailed, authorizationFailed } from "../security/errors.ts";
import { routesOf } from "../security/access/route-guard.ts";
import { buildApi } from "./server.ts";

const holds = { name: "nats", missing: () => undefined };
const lacks = { name: "kubernetes", missing: () => "the first list of HTTPMonitors has not been read" };

async function onlyPrometheus({ name }: { name: string }): Promise<void> {
  if (name !== "prometheus") throw authorizationFailed("no");
}

describe("the hub's probes", () => {
  it("say 200 when nothing is missing", async () => {
    const api = buildApi({ logger: silentLogger, registries: () => [], readiness: [holds], liveness: [], role: () => "standby" });
    const answer = await api.inject("/readyz");
    expect([answer.statusCode, answer.json()]).toEqual([200, { ready: true, missing: {}, role: "standby" }]);
  });

  it("warn of what does not keep it from being ready", async () => {
    const api = buildApi({ logger: silentLogger, registries: () => [], readiness: [holds], liveness: [], role: () => "active", warnings: { webhook: "nothing is reviewed" } });
    const answer = await api.inject("/readyz");
    expect([answer.statusCode, answer.json()]).toEqual([200, { ready: true, missing: {}, role: "active", warnings: { webhook: "nothing is reviewed" } }]);
  });

  it("name everything that is missing with 503", async () => {
    const api = buildApi({ logger: silentLogger, registries: () => [], readiness: [holds, lacks], liveness: [], role: () => "active" });
    const answer = await api.inject("/readyz");
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ ready: false, missing: { kubernetes: "the first list of HTTPMonitors has not been read" }, role: "active" });
    expect((await api.inject("/healthz")).statusCode).toBe(200);
  });

  it("serve metrics to whoever may get them, where that is asked for, and tell the audit log of refusals only", async () => {
    const audit = new RecordingAuditLog();
    const authenticator = {
      authenticate: async (token?: string) => {
        if (token === undefined) throw authenticationFailed("a bearer token is needed");
        return { name: token, uid: "", groups: [], extra: {} };
      },
    };
    const api = buildApi({ logger: silentLogger, registries: () => [], readiness: [], liveness: [], role: () => "active", guard: { authenticator, authoriser: { authorise: onlyPrometheus }, audit } });
    const ask = async (authorization?: string): Promise<number> => (await api.inject({ url: "/metrics", ...(authorization === undefined ? {} : { headers: { authorization } }) })).statusCode;
    expect([await ask(), await ask("ann"), await ask("prometheus")]).toEqual([401, 403, 200]);
    expect(audit.outcomes).toEqual(["Unauthorized", "Forbidden"]);
    expect((await api.inject("/readyz")).statusCode).toBe(200);
    expect(routesOf(api).filter(({ url, policy }) => url === "/metrics" && policy !== "rbac")).toEqual([]);
  });

  it("serve the metrics of the registries that there are now", async () => {
    const [own, works] = [new Registry(), new Registry()];
    new Counter({ name: "things_total", help: "Things.", registers: [own] }).inc(3);
    new Counter({ name: "deeds_total", help: "Deeds.", registers: [works] }).inc(2);
    const registries = [own, works];
    const api = buildApi({ logger: silentLogger, registries: () => registries, readiness: [], liveness: [], role: () => "active" });
    const both = await api.inject("/metrics");
    expect(both.body).toMatch(/^things_total 3\n[^]*^deeds_total 2$/m);
    expect(both.headers["content-type"]).toContain("text/plain");
    registries.pop();
    expect((await api.inject("/metrics")).body).not.toContain("deeds_total");
  });
});
