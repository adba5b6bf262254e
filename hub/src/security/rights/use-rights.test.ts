import { setImmediate } from "node:timers/promises";
import { ManualClock } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { KubeError } from "../../kube/errors.ts";
import { field, textField } from "../../kube/raw.ts";
import { AnsweringClient } from "../../testing/answering-client.ts";
import type { User } from "../access/authenticate.ts";
import { identityKey } from "./usable.ts";
import { reviewedUseRights } from "./use-rights.ts";

const jane: User = { name: "jane", uid: "u-1", groups: ["shop"], extra: { scope: ["a"] } };

class Server {
  readonly clock = new ManualClock();
  /** What may be used; `*` for all. */
  readonly granted = new Set<string>();
  readonly asked: string[] = [];
  underWay = 0;
  most = 0;
  answer: (() => Promise<unknown>) | undefined;
  readonly client = new AnsweringClient(async ({ body }) => {
    const attributes = field(field(body, "spec"), "resourceAttributes");
    const name = textField(attributes, "name") ?? "*";
    this.asked.push(name);
    this.most = Math.max(this.most, (this.underWay += 1));
    await this.answer?.();
    await Promise.resolve();
    this.underWay -= 1;
    return { status: { allowed: this.granted.has(name) } };
  });
  readonly rights = reviewedUseRights({ client: this.client, clock: this.clock, limitMs: 200 });
}

let server: Server;

beforeEach(() => {
  server = new Server();
});

describe("the right to use clusters", () => {
  it("is asked for once when all may be used, with all that is known of the user", async () => {
    server.granted.add("*");
    expect(await server.rights.usable(jane, ["eu-1", "us-1"])).toBe("all");
    expect(server.client.requests.map(({ body }) => field(body, "spec"))).toEqual([
      { user: "jane", uid: "u-1", groups: ["shop"], extra: { scope: ["a"] }, resourceAttributes: { group: "monitoring.example.com", resource: "clusterregistrations", verb: "use" } },
    ]);
  });

  it("is asked for by each cluster otherwise, and those are told that may be used", async () => {
    server.granted.add("us-1");
    expect(await server.rights.usable(jane, ["eu-1", "us-1"])).toEqual(new Set(["us-1"]));
    expect(server.asked).toEqual(["*", "eu-1", "us-1"]);
  });

  it("is asked for at most 16 at a time", async () => {
    const clusters = Array.from({ length: 100 }, (_, index) => `c-${index}`);
    for (const cluster of clusters) server.granted.add(cluster);
    server.answer = () => setImmediate();
    expect(await server.rights.usable(jane, clusters)).toEqual(new Set(clusters));
    expect(server.most).toBe(16);
  });

  it("is remembered for 30 s when it is there, and never when it is not", async () => {
    server.granted.add("us-1");
    await server.rights.usable(jane, ["eu-1", "us-1"]);
    server.granted.clear();
    server.granted.add("eu-1");
    expect(await server.rights.usable(jane, ["eu-1", "us-1"])).toEqual(new Set(["eu-1", "us-1"]));
    expect(server.asked.slice(3)).toEqual(["*", "eu-1"]);
    await server.clock.advance(30_000);
    expect(await server.rights.usable(jane, ["us-1"])).toEqual(new Set());
  });

  it("is one user's alone: the same name in other groups is asked for anew", async () => {
    server.granted.add("*");
    await server.rights.usable(jane, []);
    server.granted.clear();
    expect(await server.rights.usable({ ...jane, groups: ["pay"] }, [])).toEqual(new Set());
  });

  it("is a refusal with advice when it is not known in time", async () => {
    server.answer = () => Promise.reject(new KubeError("TIMEOUT", "slow"));
    await expect(server.rights.usable(jane, ["eu-1"])).rejects.toMatchObject({
      code: "RIGHTS_UNKNOWN",
      message: "authorization failed: whether jane may use 1 cluster was not known within 0.2 s: grant use on all clusterregistrations.monitoring.example.com, or name fewer clusters",
    });
  });

  it("is not known, and says why, when the API server cannot be asked", async () => {
    server.answer = () => Promise.reject(new KubeError("UNAVAILABLE", "down"));
    await expect(server.rights.usable(jane, ["eu-1"])).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("the key of a user", () => {
  it("does not depend on the order of what is a set", () => {
    const same = { name: "a", uid: "", groups: ["x", "y"], extra: { k: ["1", "2"], l: [] } };
    expect(identityKey({ ...same, groups: ["y", "x"], extra: { l: [], k: ["2", "1"] } })).toBe(identityKey(same));
    expect(identityKey({ ...same, groups: ["x y"] })).not.toBe(identityKey(same));
  });
});
