import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { parseHTTPMonitor } from "@sightline/shared/api";
import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { HTTP_MONITORS } from "../../kube/resources.ts";
import { FakeKube } from "../../testing/fake-kube.ts";
import { healthOf, jetStreamOf, lookAtProcess, versionIn } from "./http.ts";
import { look } from "./looking.ts";
import { listParsed } from "./objects.ts";
import { permissionsOf } from "./permissions.ts";
import { concernsUs } from "./webhooks.ts";

describe("a look at a process", () => {
  it("asks no more of one that does not answer", async () => {
    await using server = await listening((response) => void response.destroy());
    const facts = await lookAtProcess(server.url, { clock: new ManualClock(), timeoutMs: 30_000 });
    expect(server.asked).toEqual(["/healthz"]);
    expect(facts).toMatchObject({ live: { tried: true }, ready: { tried: true, why: expect.stringMatching(/^it does not answer: /) as unknown }, version: { seen: false } });
  });

  it("waits for an answer as long as it may, and asks no more then", async () => {
    await using server = await listening(() => undefined);
    const facts = await lookAtProcess(server.url, { clock: new ManualClock(), timeoutMs: 100 });
    // On a busy machine the time may be over before the question has arrived.
    expect(server.asked.filter((path) => path !== "/healthz")).toEqual([]);
    expect(facts).toMatchObject({ live: { tried: true }, ready: { tried: true, why: expect.stringMatching(/^it does not answer: Timeout/) as unknown }, version: { seen: false } });
  });

  it("does not take anybody's answer for a process of ours that is not alive", async () => {
    await using server = await listening((response) => void response.writeHead(404).end("not found\n"));
    const facts = await lookAtProcess(`${server.url}/metrics`, { clock: new ManualClock(), timeoutMs: 2000 });
    const why = "nothing of Sightline answers under /healthz here (HTTP 404): is the URL its root?";
    expect([server.asked, facts.ready, facts.clock.seen]).toEqual([["/metrics/healthz"], { seen: false, tried: true, why }, false]);
  });
});

interface Listening extends AsyncDisposable {
  url: string;
  /** The paths that were asked for. */
  asked: string[];
}

async function listening(answer: (response: ServerResponse) => void): Promise<Listening> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, asked, [Symbol.asyncDispose]: stop };
}

describe("a look in vain", () => {
  it("passes no advice on that is about flags of Node", async () => {
    const said = "unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca";
    expect(await look(Promise.reject(new Error(said)))).toEqual({ seen: false, tried: true, why: "unable to verify the first certificate" });
  });
});

describe("a list of objects", () => {
  it("that is none, is not taken for an empty one", async () => {
    const kube = new FakeKube();
    kube.answers = [() => ({})];
    await expect(listParsed(kube, HTTP_MONITORS, parseHTTPMonitor)).rejects.toMatchObject({ code: "UNAVAILABLE", message: "failed to list httpmonitors: the answer is not a list" });
  });

  it("names what cannot be read", async () => {
    const kube = new FakeKube();
    kube.answers = [() => ({ metadata: { resourceVersion: "1" }, items: [{ metadata: { name: "odd" } }] })];
    expect(await listParsed(kube, HTTP_MONITORS, parseHTTPMonitor)).toMatchObject({ objects: [], unreadable: [{ name: "HTTPMonitor odd" }] });
  });
});

describe("what is read", () => {
  it.each([
    ["a hub that is ready", 200, '{"ready":true,"missing":{},"role":"active"}', { ok: true, role: "active", missing: {} }],
    ["a hub that waits", 503, '{"ready":false,"missing":{"nats":"no connection"},"role":"standby"}', { ok: false, role: "standby", missing: { nats: "no connection" } }],
    ["a hub that warns", 200, '{"ready":true,"missing":{},"role":"active","warnings":{"webhook":"nothing is reviewed"}}', { ok: true, role: "active", missing: {}, warnings: { webhook: "nothing is reviewed" } }],
    ["an agent that waits", 503, '{"ready":false,"notReady":[{"part":"nats","reason":"no connection"}]}', { ok: false, role: undefined, missing: { nats: "no connection" } }],
    ["an agent that is alive", 200, "ok\n", { ok: true, role: undefined, missing: {} }],
    ["another path of an agent", 404, "not found\n", undefined],
    ["another path of a hub", 404, '{"error":{"code":"NOT_FOUND","message":"there is nothing under this path"}}', undefined],
    ["somebody else", 200, "<html>", undefined],
  ])("of health: %s", (_what, status, body, health) => expect(healthOf(status, body)).toEqual(health));

  it.each([
    ['# HELP x y\nsightline_build_info{version="0.1.0",node="26.10.0"} 1\n', "0.1.0"],
    ['sightline_build_info{node="26.10.0",version="0.2.0"} 1\n', "0.2.0"],
    ['sightline_build_info{my_version="3.0.0"} 1\n', undefined],
    ["up 1\n", undefined],
  ])("of a version: %j", (text, version) => expect(versionIn(text)).toBe(version));

  it("of a NATS server's JetStream", () => {
    const config = { max_memory: 5, max_storage: 6, sync_interval: 120_000_000_000 };
    expect(jetStreamOf(JSON.stringify({ memory: 1, storage: 2, reserved_storage: 3, config, limits: { max_batch_size: 10_000 } }))).toEqual({
      maxBatch: 10_000,
      syncEveryMs: 120_000,
      storage: 2,
      memory: 1,
      reservedStorage: 3,
      maxStorage: 6,
      maxMemory: 5,
    });
    expect(jetStreamOf(JSON.stringify({ config: { ...config, sync_always: true } }))).toMatchObject({ maxBatch: 1000, syncEveryMs: 0 });
    expect(() => jetStreamOf("<html>")).toThrow("no monitoring endpoint");
  });

  it.each([
    [{ apiGroups: ["monitoring.example.com"], apiVersions: ["v1"], resources: ["httpmonitors"] }, true],
    [{ apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }, true],
    [{ apiGroups: ["monitoring.example.com"], apiVersions: ["v1"], resources: ["clusterregistrations/status"] }, true],
    [{ apiGroups: ["monitoring.example.com"], apiVersions: ["v2"], resources: ["*"] }, false],
    [{ apiGroups: [""], apiVersions: ["v1"], resources: ["*"] }, false],
    [{ apiGroups: ["*"], apiVersions: ["v1"], resources: ["pods"] }, false],
    [{}, false],
  ])("of a webhook's rule %j", (rule, concerns) => expect(concernsUs(rule)).toBe(concerns));

  it("of rules, each single permission", () => {
    const rules = [
      { scope: "cluster", apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
      { scope: "namespace", apiGroups: ["x"], resources: ["leases"], resourceNames: ["a"], verbs: ["get"] },
    ] as const;
    expect(permissionsOf(rules, "ours").map(({ verb, group, resource, namespace, name }) => [verb, group, resource, namespace, name])).toEqual([
      ["create", "", "events", undefined, undefined],
      ["patch", "", "events", undefined, undefined],
      ["create", "events.k8s.io", "events", undefined, undefined],
      ["patch", "events.k8s.io", "events", undefined, undefined],
      ["get", "x", "leases", "ours", "a"],
    ]);
  });
});
