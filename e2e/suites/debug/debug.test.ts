import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { KnownRoute } from "../../../hub/src/security/access/route-guard.ts";
import { verify } from "../../../hub/src/audit/verify.ts";
import { findTool } from "../../kit/go-tool.ts";
import { logLines } from "../../kit/logs.ts";
import { monitor } from "../../kit/monitor.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { auditLogOf } from "../../sandbox/parts/hub.ts";
import { type DebugStage, hubRoutes, openDebugStage, tokenOf } from "./support.ts";

const LOAD = 60;
/** Go builds its pprof at its first use. */
const BUILDS_MS = 300_000;
const GZIP = Buffer.from([0x1f, 0x8b]);
const CANARY = "canary-7f3b9e";

/** What somebody sees of a route: its status, and which of the names that are none of theirs. What they asked for themselves is repeated to them. */
async function answerOf(stage: DebugStage, { who, token, route: { method, url } }: { who: string; token: string | undefined; route: KnownRoute }, foreign: readonly string[]): Promise<object> {
  const client = url.startsWith("/debug") ? await stage.hub(token) : stage.api0(token);
  const { statusCode, body } = await client(url.slice(1), { method: method === "HEAD" || method === "PUT" || method === "POST" ? method : "GET" });
  return { who, method, url, statusCode, shows: foreign.filter((name) => body.replaceAll(url, "").includes(name)) };
}

function refusal(who: string, { method, url, policy }: KnownRoute): object {
  return { who, method, url, statusCode: policy === "public" ? 200 : who === "anonymous" ? 401 : 403, shows: [] };
}

let stage: DebugStage;
let target: Target;
let admin: string;
let stranger: string;
let opened: DebugStage;
const open = async (): Promise<DebugStage> => (opened = await openDebugStage());
withStage(open, async () => {
  stage = opened;
  ({ target } = stage);
  target.behave("/up", answers(200));
  target.behave("/down", answers(500));
  [admin, stranger] = await Promise.all([tokenOf(stage.sandbox.kube.client, "admin", "sightline-debug"), tokenOf(stage.sandbox.kube.client, "stranger")]);
  await stage.api.apply(...Array.from({ length: LOAD }, (_, index) => monitor(`load-${index}`, { url: target.url("/up") })));
  await stage.api.untilVerdict(`default/load-${LOAD - 1}`, "Healthy");
});

const hubLog = async (message: string): Promise<Record<string, unknown>[]> => (await logLines(stage.sandbox.part("hub-0"))).filter((line) => line.message === message);

describe("the debug listener", () => {
  it("lets nobody in who is not known to the API server, and says so with the request's id", async () => {
    for (const token of [undefined, "not-a-token"]) {
      const { statusCode, body, headers } = await (await stage.hub(token)).get("debug/pprof/", { headers: { "x-request-id": "my-own-id" } });
      expect([statusCode, headers["x-request-id"]]).toEqual([401, "my-own-id"]);
      expect(JSON.parse(body)).toMatchObject({ error: { code: "AUTHENTICATION_FAILED", request_id: "my-own-id" } });
      expect(body).toContain('"message":"authentication failed: ');
    }
  });

  it("lets nobody in who lacks the right to the path", async () => {
    const { statusCode, body } = await (await stage.hub(stranger)).get("debug/pprof/heap");
    expect(statusCode).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ error: { code: "AUTHORIZATION_FAILED" } });
    expect(body).toContain('"message":"authorization failed: system:serviceaccount:default:stranger may not get /debug/pprof/heap');
  });

  it("lets the bearer of sightline-debug in, and logs who it was", async () => {
    const { statusCode, body } = await (await stage.hub(admin)).get("debug/pprof/", { headers: { "x-request-id": "index-1" } });
    expect([statusCode, body]).toEqual([200, expect.stringContaining("Event loop delay")]);
    const [line] = await waitUntil({ what: "the access line", timeoutMs: 30_000 }, async () => {
      const lines = (await hubLog("Request served")).filter((one) => one["request_id"] === "index-1");
      return lines.length > 0 && lines;
    });
    expect(line).toMatchObject({ level: "info", method: "GET", route: "/debug/pprof/", status: 200, user_id: "system:serviceaccount:default:admin" });
  });

  it("gives profiles of CPU and heap that `go tool pprof` opens, with our functions and files", { timeout: BUILDS_MS }, async ({ skip }) => {
    const go = await findTool();
    if (go === undefined) return skip("needs Go");
    const hub = await stage.hub(admin);
    for (const [path, unit] of [["profile?seconds=3", "Type: cpu"], ["heap?gc=1", "Type: inuse_space"]] as const) {
      const file = join(stage.profileDir, `${path.split("?")[0]}.pb.gz`);
      const answer = await hub.get(`debug/pprof/${path}`, { responseType: "buffer" });
      expect(answer.statusCode).toBe(200);
      await writeFile(file, answer.body);
      const top = await go(["pprof", "-top", "-lines", "-nodecount=1000", file]);
      expect(top).toContain(unit);
      expect(top).toMatch(/\w+ \S*\/(hub|shared)\/src\/\S+\.ts:\d+/);
    }
  });

  it("gives a trace of V8, the command line, the event loop's delay", async () => {
    const hub = await stage.hub(admin);
    expect(JSON.parse((await hub.get("debug/pprof/trace?seconds=1")).body)).toHaveProperty("traceEvents.0.ph");
    expect((await hub.get("debug/pprof/cmdline")).body.split("\0")).toContain("--debug-listen");
    expect((await hub.get("debug/pprof/symbol")).body).toBe("num_symbols: 0\n");
    expect(JSON.parse((await hub.get("debug/event-loop")).body)).toHaveProperty("delayMs.p99");
  });

  it("takes one profile at a time, and ends one that nobody waits for", async () => {
    const hub = await stage.hub(admin);
    const gone = new AbortController();
    const both = [0, 1].map(async () => hub.get("debug/pprof/profile?seconds=60", { signal: gone.signal }));
    const refused = await Promise.race(both);
    expect([refused.statusCode, JSON.parse(refused.body)]).toMatchObject([409, { error: { code: "PROFILE_RUNNING" } }]);
    gone.abort();
    expect((await Promise.allSettled(both)).map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await waitUntil({ what: "a profile after it", timeoutMs: 30_000 }, async () => (await hub.get("debug/pprof/trace?seconds=1")).statusCode === 200);
    expect(JSON.parse((await hub.get("debug/pprof/profile?seconds=61")).body)).toMatchObject({ error: { code: "INVALID_ARGUMENT" } });
  });

  it("looks at the one reconcile that was asked for: its cost in the log, its heap in a file", async () => {
    const hub = await stage.hub(admin);
    const answer = await hub.post("debug/reconciliation/multicluster-httpmonitor/default/load-7");
    expect([answer.statusCode, JSON.parse(answer.body)]).toEqual([202, { controller: "multicluster-httpmonitor", key: "default/load-7", profileDir: stage.profileDir }]);
    const lines = await waitUntil({ what: "the cost of the reconcile", timeoutMs: 30_000 }, async () => {
      const found = await hubLog("Reconciliation debug info");
      return found.length > 0 && found;
    });
    expect(new Set(lines.map(({ key }) => key))).toEqual(new Set(["default/load-7"]));
    const line = lines.at(-1);
    const figure: unknown = expect.any(Number);
    expect(line).toMatchObject({ key: "default/load-7", memory_before: figure, memory_after: figure, memory_delta: figure, gc_cycles: figure, active_handles: figure, result_requeue: false, result_requeue_after: "30s", error: null });
    expect(line?.["duration"]).toMatch(/^\d/);
    const file = String(line?.["profile"]);
    expect(file).toMatch(/\/reconcile-default-load-7-\d{10}\.pb\.gz$/);
    expect((await readFile(file)).subarray(0, 2)).toEqual(GZIP);
    for (const controller of ["nobody", "__proto__", "constructor"]) {
      const none = await hub.post(`debug/reconciliation/${controller}/default/load-7`);
      expect([none.statusCode, JSON.parse(none.body)]).toMatchObject([404, { error: { code: "NO_SUCH_CONTROLLER" } }]);
    }
  });

  it("refuses to look at an object that does not exist", async () => {
    const hub = await stage.hub(admin);
    for (const path of ["multicluster-httpmonitor/default/nobody", "httpmonitor-status/default/nobody", "clusterregistration/nowhere-1"]) {
      const none = await hub.post(`debug/reconciliation/${path}`);
      expect([none.statusCode, JSON.parse(none.body)]).toMatchObject([404, { error: { code: "NO_SUCH_OBJECT" } }]);
    }
  });

  it("changes the log level of hub and agent while they run, and says who did it; no secret of a monitor is logged then", async () => {
    const [hub, agent] = [await stage.hub(admin), await stage.agent()];
    for (const client of [hub, agent]) expect((await client.put("debug/log-level", { json: { level: "debug" } })).statusCode).toBe(200);
    expect(JSON.parse((await agent.get("debug/log-level")).body)).toEqual({ level: "debug" });
    await waitUntil({ what: "the change in the log", timeoutMs: 30_000 }, async () => (await hubLog("The log level was changed")).some((line) => line["caller"] === "system:serviceaccount:default:admin" && line["to"] === "debug"));
    expect((await hub.put("debug/log-level", { json: { level: "loud" } })).statusCode).toBe(400);

    const secretive = { headers: { Authorization: `Bearer ${CANARY}` }, body: CANARY, method: "POST" } as const;
    target.behave("/astray", (_request, response) => void response.writeHead(302, { Location: `ftp://user:${CANARY}@nowhere.invalid/?token=${CANARY}` }).end());
    const urls = { down: target.url(`/down?token=${CANARY}`), refused: `http://127.0.0.1:1/?token=${CANARY}`, astray: target.url("/astray") };
    await stage.api.apply(...Object.entries(urls).map(([name, url]) => monitor(`shy-${name}`, { url, ...secretive })));
    for (const name of Object.keys(urls)) await stage.api.untilVerdict(`default/shy-${name}`, "Unhealthy");
    await stage.api0().get("readyz");
    await waitUntil({ what: "failed checks and debug lines in the log", timeoutMs: 30_000 }, async () => (await hubLog("HTTP check failed")).length > 0 && (await hubLog("Request served")).some(({ level }) => level === "debug"));
    for (const part of ["hub-0", "agent-eu-1"]) {
      const text = await readFile(stage.sandbox.part(part).log, "utf8");
      for (const secret of [CANARY, admin, stranger]) expect(text.includes(secret), `${part}'s log has a secret`).toBe(false);
    }
  });
});

describe("the routes of a hub", () => {
  it("F20: no route shows a tenant, or whoever asks, what tenants have; every refusal is in the audit log", async () => {
    const { client } = stage.sandbox.kube;
    const tenant = { namespace: "tenant-a", name: `shop-${CANARY}` };
    await stage.api.ensureNamespace(tenant.namespace);
    await stage.api.apply({ ...monitor(tenant.name, { url: target.url(`/up?${CANARY}`), headers: { "X-Shop": CANARY } }), metadata: tenant });
    await stage.api.untilVerdict(`${tenant.namespace}/${tenant.name}`, "Healthy");
    const askers = { anonymous: undefined, another: stranger, own: await tokenOf(client, "tenant-a") };
    const routes = hubRoutes(tenant);
    expect(routes.length).toBeGreaterThan(15);
    const foreign = [CANARY, target.url("/up"), "load-1"];
    for (const [who, token] of Object.entries(askers)) {
      const answers = await Promise.all(routes.map((route) => answerOf(stage, { who, token, route }, foreign)));
      expect(answers).toEqual(routes.map((route) => refusal(who, route)));
    }
    const allowed = await tokenOf(client, "prometheus", "sightline-metrics");
    expect((await stage.api0(allowed).get("metrics")).body).toContain(tenant.name);

    const log = await readFile(auditLogOf({ logs: join(stage.sandbox.state.dir, "logs") }, "hub-0"));
    expect(verify([{ name: "audit.log", read: () => log }])).toHaveProperty("summary");
    const refused = log.toString().trimEnd().split("\n").filter((line) => line.includes('"outcome":"Unauthorized"') && line.includes('"system:anonymous"'));
    for (const { url, policy } of routes) if (policy === "rbac") expect(refused.some((line) => line.includes(`"name":"${url}"`)), url).toBe(true);
  });
});
