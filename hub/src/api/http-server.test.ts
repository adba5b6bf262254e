import { requestIdOf } from "@sightline/shared";
import { silentLogger } from "@sightline/shared/telemetry";
import { describe, expect, it } from "vitest";
import { KubeError } from "../kube/errors.ts";
import { RecordingAuditLog } from "../audit/testing.ts";
import { authorizationFailed } from "../security/errors.ts";
import { guardRoutes } from "../security/access/route-guard.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { createHttpServer } from "./http-server.ts";
import { problemOf } from "./problem.ts";

const NUMBER: unknown = expect.any(Number);
const PUBLIC = { config: { policy: "public" } } as const;
const ID: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/);

describe("the id of a request", () => {
  it.each(["abc", "7f3b.9e_A:1-2", "x".repeat(128)])("is the caller's when it is sane: %s", (given) => {
    expect(requestIdOf(given)).toBe(given);
  });

  it.each([undefined, "", "x".repeat(129), "a b", "a\nb", "ä", '"}', ["a", "b"]])("is made when the caller's is %j", (given) => {
    expect(requestIdOf(given)).toEqual(ID);
  });
});

describe("an error that a route throws", () => {
  it.each([
    [authorizationFailed("no"), 403, "AUTHORIZATION_FAILED", "authorization failed: no"],
    [new KubeError("UNAVAILABLE", "failed to review a token: connect ECONNREFUSED"), 503, "UNAVAILABLE", "failed to review a token: connect ECONNREFUSED"],
    [Object.assign(new Error("Body is not JSON"), { statusCode: 400 }), 400, "INVALID_ARGUMENT", "Body is not JSON"],
    [Object.assign(new Error("Unsupported Media Type"), { statusCode: 415 }), 415, "INVALID_ARGUMENT", "the body's type is not read here: send Content-Type: application/json"],
    [new Error("password is hunter2"), 500, "UNEXPECTED", "something unexpected happened; the log has it under this request id"],
    ["text", 500, "UNEXPECTED", "something unexpected happened; the log has it under this request id"],
  ])("%s is answered by %i %s", (error, status, code, message) => {
    expect(problemOf(error, "r1")).toEqual({ status, body: { error: { code, message, request_id: "r1" } } });
  });
});

describe("a server of the hub", () => {
  it("takes no route of which nobody said who may ask for it", () => {
    const server = createHttpServer({ logger: silentLogger, accessLevel: "debug" });
    expect(() => server.get("/open", () => "")).toThrow("the route GET /open names no policy");
  });

  it("gives each request an id, and one line in the log without its query", async () => {
    const logger = new RecordingLogger();
    const server = createHttpServer({ logger, accessLevel: "debug" });
    server.get("/things/:name", PUBLIC, async () => ({}));
    const answer = await server.inject({ url: "/things/a?token=hidden", headers: { "x-request-id": "mine" } });
    expect(answer.headers["x-request-id"]).toBe("mine");
    expect(logger.lines).toEqual([{ level: "debug", message: "Request served", fields: { request_id: "mine", method: "GET", route: "/things/:name", status: 200, duration_ms: NUMBER } }]);
  });

  it("answers errors and unknown paths in one shape, and tells the log of what nobody foresaw", async () => {
    const logger = new RecordingLogger();
    const server = createHttpServer({ logger, accessLevel: "debug" });
    server.get("/broken", PUBLIC, () => Promise.reject(new Error("secret detail")));
    expect((await server.inject("/nowhere")).json()).toEqual({ error: { code: "NOT_FOUND", message: "there is nothing under this path", request_id: ID } });
    const broken = await server.inject("/broken");
    expect(broken.statusCode).toBe(500);
    expect(broken.body).not.toContain("secret detail");
    const failure = logger.lines.find(({ level }) => level === "error");
    expect(failure).toMatchObject({ message: "A request failed", fields: { error: "secret detail" } });
    expect(failure?.fields).toHaveProperty("stack_trace");
  });

  it("tells of what a standby does not do as the asker's matter, without a stack", async () => {
    const logger = new RecordingLogger();
    const server = createHttpServer({ logger, accessLevel: "debug" });
    server.get("/work", PUBLIC, () => Promise.reject(new KubeError("NOT_LEADING", "this replica does not lead", { retryable: true })));
    expect((await server.inject({ url: "/work", headers: { "x-request-id": "mine" } })).statusCode).toBe(503);
    expect(logger.lines[0]).toEqual({ level: "info", message: "A request was refused", fields: { request_id: "mine", error_type: "NOT_LEADING", error: "this replica does not lead" } });
  });
});

describe("a guarded server", () => {
  const asked: string[] = [];
  const guard = {
    audit: new RecordingAuditLog(),
    authenticator: { authenticate: async () => ({ name: "ann", uid: "", groups: [], extra: {} }) },
    authoriser: {
      authorise: async ({ name }: { name: string }, { path, verb }: { path: string; verb: string }) => {
        asked.push(`${name} ${verb} ${path}`);
        if (path === "/closed") throw authorizationFailed("no");
      },
    },
  };

  it("asks for the right to the path before the route runs, but for public routes", async () => {
    const server = createHttpServer({ logger: silentLogger, accessLevel: "debug" });
    guardRoutes(server, guard);
    const served: string[] = [];
    for (const path of ["/open", "/closed"]) server.put(path, { config: { policy: "rbac" } }, async () => void served.push(path));
    server.get("/public", PUBLIC, async () => void served.push("/public"));
    const statuses = [];
    for (const [method, url] of [["PUT", "/open?x=1"], ["PUT", "/closed"], ["GET", "/public"], ["GET", "/unknown"]] as const) statuses.push((await server.inject({ method, url })).statusCode);
    expect(statuses).toEqual([200, 403, 200, 404]);
    expect([asked, served]).toEqual([["ann put /open", "ann put /closed"], ["/open", "/public"]]);
  });
});
