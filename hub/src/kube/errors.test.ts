import { describe, expect, it } from "vitest";
import { errorOfAnswer, KubeError, kubeError, unlessNotFound } from "./errors.ts";
import { collectionPath, CONFIG_MAPS, HTTP_MONITORS, keyOf, objectPath, parseKey } from "./resources.ts";
import { parseConsistencyLevel, WRITE_CONSISTENCY } from "./consistency.ts";
import { eventName } from "./events.ts";

describe("errors of the Kubernetes API", () => {
  it.each([
    [409, "AlreadyExists", "ALREADY_EXISTS", true],
    [409, "Conflict", "CONFLICT", true],
    [403, "Forbidden", "FORBIDDEN", true],
    [404, "NotFound", "NOT_FOUND", true],
    [410, "Expired", "GONE", true],
    [422, "Invalid", "INVALID", false],
    [400, "BadRequest", "INVALID", false],
    [429, "TooManyRequests", "TOO_MANY_REQUESTS", true],
    [504, "Timeout", "TIMEOUT", true],
    [500, "InternalError", "UNAVAILABLE", true],
    [503, "ServiceUnavailable", "UNAVAILABLE", true],
  ])("map status %i %s to %s", (status, reason, code, retryable) => {
    const body = JSON.stringify({ kind: "Status", reason, message: "the server says why" });
    expect(errorOfAnswer("get httpmonitor shop/a", status, body)).toMatchObject({ code, retryable, message: "failed to get httpmonitor shop/a: the server says why" });
  });

  it("say the status where the body says nothing", () => {
    expect(errorOfAnswer("list httpmonitors", 502, "<html>Bad gateway</html>").message).toBe("failed to list httpmonitors: HTTP status 502");
  });

  it("tell a time-out from a broken connection, with the innermost reason", () => {
    expect(kubeError("x", new DOMException("The operation was aborted due to timeout", "TimeoutError")).code).toBe("TIMEOUT");
    const refused = kubeError("watch httpmonitors", new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") }));
    expect(refused).toMatchObject({ code: "UNAVAILABLE", message: "failed to watch httpmonitors: connect ECONNREFUSED 127.0.0.1:1" });
  });

  it("become undefined where only absence is meant", async () => {
    expect(await unlessNotFound(Promise.reject(new KubeError("NOT_FOUND", "no")))).toBeUndefined();
    await expect(unlessNotFound(Promise.reject(new KubeError("FORBIDDEN", "no")))).rejects.toThrow("no");
  });
});

describe("paths and keys", () => {
  it("are those of the API server", () => {
    expect(collectionPath(HTTP_MONITORS)).toBe("/apis/monitoring.example.com/v1/httpmonitors");
    expect(objectPath(HTTP_MONITORS, { namespace: "shop", name: "a" }, "status")).toBe("/apis/monitoring.example.com/v1/namespaces/shop/httpmonitors/a/status");
    expect(objectPath(CONFIG_MAPS, { namespace: "shop", name: "a/../b" })).toBe("/api/v1/namespaces/shop/configmaps/a%2F..%2Fb");
  });

  it.each([{ namespace: "shop", name: "a" }, { name: "eu-1" }])("come back: %j", (name) => expect(parseKey(keyOf(name))).toEqual(name));
});

describe("consistency levels", () => {
  it.each(["eventual", "strong", "linearizable"])("are known by name: %s", (name) => expect(parseConsistencyLevel(name)).toBe(name));
  it("ask of the lease that all agree who leads", () => expect(WRITE_CONSISTENCY["leader-lease"]).toBe("linearizable"));
  it("are refused by name", () => expect(() => parseConsistencyLevel("casual")).toThrow("unknown consistency level: casual"));
});

describe("names of events", () => {
  const note = { object: { name: "front", uid: "u1" }, identity: "2026-01-01T00:00:00Z Unhealthy", reason: "Unhealthy" as const };
  const nameOf = (change: object): string => eventName({ ...note, resource: HTTP_MONITORS, message: "", at: 0, ...change });

  it("are the same for the same event, and differ for another", () => {
    expect(nameOf({})).toBe(nameOf({ at: 5, message: "other words" }));
    expect(nameOf({})).not.toBe(nameOf({ identity: "2026-01-02T00:00:00Z Unhealthy" }));
    expect(nameOf({})).not.toBe(nameOf({ object: { name: "front", uid: "u2" } }));
    expect(nameOf({})).toMatch(/^front\.[0-9a-f]{16}$/);
  });

  it("are none that the API server refuses, however long the object's name is", () => {
    const name = nameOf({ object: { name: `${"a".repeat(235)}-${"b".repeat(17)}`, uid: "u1" } });
    expect(name).toMatch(/^a+\.[0-9a-f]{16}$/);
    expect(name.length).toBeLessThanOrEqual(253);
  });
});
