import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { systemClock } from "@sightline/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { auditUnavailable } from "../audit/errors.ts";
import { RecordingAuditLog } from "../audit/testing.ts";
import { AnsweringClient } from "../testing/answering-client.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { Debugging, type DebuggingOptions } from "./debugging.ts";

const LETS_ALL_IN = { status: { authenticated: true, user: { username: "ann" }, allowed: true } };
const LISTENS = { listen: { host: "127.0.0.1", port: 0 }, tls: undefined, reconciliation: false, profileDir: undefined };

describe("the debugging of a hub", () => {
  let logger: RecordingLogger;
  let audit: RecordingAuditLog;
  let debugging: Debugging | undefined;
  beforeEach(() => {
    logger = new RecordingLogger();
    audit = new RecordingAuditLog();
  });
  afterEach(() => debugging?.close());

  async function start(options: Pick<DebuggingOptions, "enqueue"> & Partial<DebuggingOptions>): Promise<Debugging> {
    const level = { level: "info", setLevel: () => undefined } as const;
    debugging = new Debugging({ config: LISTENS, client: new AnsweringClient(() => LETS_ALL_IN), audit, clock: systemClock, logger, level, ...options });
    await debugging.start();
    return debugging;
  }

  /** Asks for a look at a reconcile. @returns status and JSON. */
  function inspect(path: string): ReturnType<typeof ask> {
    return ask("POST", `/debug/reconciliation/${path}`);
  }

  function ask(method: string, path: string): Promise<[number | undefined, unknown]> {
    const base = String(logger.lines.find(({ message }) => message === "Debug listener listens")?.fields["url"]);
    return new Promise((resolve, reject) => {
      const asked = request(`${base}${path}`, { method, headers: { authorization: "Bearer t" } }, (response) => {
        text(response).then((body) => resolve([response.statusCode, JSON.parse(body)]), reject);
      });
      asked.once("error", reject).end();
    });
  }

  it("is nothing at all when it was not asked for", async () => {
    const { around } = await start({ config: { ...LISTENS, listen: undefined }, enqueue: () => "asked" });
    expect([around, logger.lines]).toEqual([[], []]);
  });

  it("makes the folder for profiles at its start, or does not start", async () => {
    const parent = await mkdtemp(join(tmpdir(), "sightline-debugging-"));
    const profileDir = join(parent, "profiles", "hub");
    await start({ config: { ...LISTENS, profileDir }, enqueue: () => "asked" });
    expect((await stat(profileDir)).isDirectory()).toBe(true);
    const file = join(parent, "file");
    await writeFile(file, "");
    await expect(start({ config: { ...LISTENS, profileDir: file }, enqueue: () => "asked" })).rejects.toThrow(`the folder of --debug-profile-dir cannot be made: EEXIST: file already exists, mkdir '${file}'`);
    await rm(parent, { recursive: true });
  });

  it("looks at the reconcile that it asked for, of an object with a namespace or without one", async () => {
    const keys: string[] = [];
    const { around } = await start({ enqueue: (controller, key) => (keys.push(`${controller} ${key}`), "asked") });
    expect(await inspect("monitors/shop/front")).toEqual([202, { controller: "monitors", key: "shop/front", profileDir: null }]);
    expect((await inspect("clusters/eu-1"))[0]).toBe(202);
    expect(keys).toEqual(["monitors shop/front", "clusters eu-1"]);
    await around[0]?.({ controller: "clusters", key: "eu-1" }, async () => ({ result: {}, verdict: { outcome: "success" } }));
    expect(logger.lines.filter(({ message }) => message === "Reconciliation debug info")).toMatchObject([{ fields: { controller: "clusters", key: "eu-1" } }]);
  });

  it.each([
    ["who is nobody to the API server", { authenticated: false }, 401, "AUTHENTICATION_FAILED"],
    ["who lacks the right", { authenticated: true, user: { username: "bob" }, allowed: false }, 403, "AUTHORIZATION_FAILED"],
  ])("refuses a caller %s, by look or by profile, and asks for nothing", async (_what, review, status, code) => {
    const keys: string[] = [];
    await start({ client: new AnsweringClient(() => ({ status: review })), enqueue: (_controller, key) => (keys.push(key), "asked") });
    expect(await ask("POST", "/debug/reconciliation/monitors/shop/front")).toMatchObject([status, { error: { code } }]);
    expect(await ask("GET", "/debug/pprof/cmdline")).toMatchObject([status, { error: { code } }]);
    expect(await ask("PUT", "/debug/log-level")).toMatchObject([status, { error: { code } }]);
    expect(keys).toEqual([]);
    const outcome = status === 401 ? "Unauthorized" : "Forbidden";
    expect(audit.entries.map(({ operation, resource, outcome }) => [operation, resource.name, outcome])).toEqual([
      ["post", "/debug/reconciliation/monitors/shop/front", outcome],
      ["get", "/debug/pprof/cmdline", outcome],
      ["put", "/debug/log-level", outcome],
    ]);
  });

  it("tells the audit log of whom it lets in before it does what they ask, and lets nobody in when it cannot", async () => {
    const keys: string[] = [];
    await start({ enqueue: (_controller, key) => (keys.push(key), "asked") });
    await inspect("monitors/shop/front");
    expect(audit.entries).toMatchObject([{ operation: "post", user: { name: "ann" }, resource: { kind: "Path", name: "/debug/reconciliation/monitors/shop/front" }, outcome: "Success" }]);
    audit.failure = auditUnavailable("ENOSPC");
    expect(await inspect("monitors/shop/other")).toMatchObject([503, { error: { code: "AUDIT_UNAVAILABLE", message: "the audit log cannot be written, so nothing is permitted: ENOSPC" } }]);
    expect(keys).toEqual(["shop/front"]);
  });

  it("asks for the right to the very path and method", async () => {
    const client = new AnsweringClient(() => LETS_ALL_IN);
    await start({ client, enqueue: () => "asked" });
    await inspect("monitors/shop/front");
    expect(client.requests.map(({ body }) => body)).toMatchObject([{ kind: "TokenReview", spec: { token: "t" } }, { kind: "SubjectAccessReview", spec: { user: "ann", nonResourceAttributes: { path: "/debug/reconciliation/monitors/shop/front", verb: "post" } } }]);
  });

  it.each([
    ["absent", 404, "NO_SUCH_CONTROLLER"],
    ["without such an object", 404, "NO_SUCH_OBJECT"],
    ["standby", 503, "NOT_LEADING"],
  ] as const)("says so when the controller is %s", async (answer, status, code) => {
    await start({ enqueue: () => answer });
    expect(await inspect("monitors/shop/front")).toMatchObject([status, { error: { code } }]);
  });
});
