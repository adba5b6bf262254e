import { beforeEach, describe, expect, it } from "vitest";
import { MESSAGES } from "../telemetry/messages.ts";
import type { KubeRequest } from "../kube/client.ts";
import { ConfigMaps } from "../kube/config-maps.ts";
import { KubeError } from "../kube/errors.ts";
import { field, textField } from "../kube/raw.ts";
import { FixedLister } from "../testing/fixed-lister.ts";
import { FakeKube } from "../testing/fake-kube.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import type { ClusterReport } from "./report.ts";
import { parseSeenResults, type SeenResults, wantedResults } from "./results-config-map.ts";
import { ResultsPublisher } from "./results-publisher.ts";
import { planOver } from "./testing.ts";

const PLAN = planOver(["eu-1"]);
const PATH = "/api/v1/namespaces/shop/configmaps/checkout-results";
const PUBLISHED = { type: "ResultsPublished", status: "True", reason: "Published", message: "ConfigMap checkout-results" };

function report(change: Partial<ClusterReport> = {}): ClusterReport {
  return { cluster: "eu-1", status: "Success", timestamp: Date.UTC(2026, 0, 1), durationMs: 12, statusCode: 200, errorMessage: undefined, ...change };
}

/** An API server that keeps one ConfigMap, and refuses when it is told to. */
class World {
  readonly kube = new FakeKube();
  readonly logger = new RecordingLogger();
  readonly seen = new FixedLister<SeenResults>();
  readonly publisher = new ResultsPublisher(new ConfigMaps(this.kube), this.seen, this.logger);
  stored: object | undefined;
  refuse: ((request: KubeRequest) => void) | undefined;
  #made = 0;

  constructor() {
    this.kube.answers = [(request) => this.#answer(request)];
  }

  /** The watch brings what is stored now, if it is one of those that it follows. */
  watch(): void {
    if (this.stored === undefined) this.seen.delete("shop/checkout-results");
    else this.seen.set(parseSeenResults(this.stored));
  }

  get writes(): string[] {
    return this.kube.log.filter((line) => !line.startsWith("GET"));
  }

  #answer(request: KubeRequest): unknown {
    this.refuse?.(request);
    const { method, body } = request;
    if (method === "GET") return this.stored;
    if (method === "DELETE") {
      this.stored = undefined;
      return {};
    }
    const metadata = field(body, "metadata");
    const uid = textField(metadata, "uid") ?? `map-${++this.#made}`;
    this.stored = { ...parts(body), metadata: { ...parts(metadata), uid, resourceVersion: "1" } };
    return this.stored;
  }
}

function refusing(error: KubeError, method: string): (request: KubeRequest) => void {
  return (request) => {
    if (request.method === method) throw error;
  };
}

function parts(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** The stored ConfigMap with other metadata or data. */
function edited(world: World, change: { metadata?: object; data?: object }): object {
  return { ...world.stored, ...change, metadata: { ...parts(field(world.stored, "metadata")), ...change.metadata } };
}

let world: World;
beforeEach(() => {
  world = new World();
  world.seen.synced = false;
});

describe("the results ConfigMap, while the watch does not say how it stands", () => {
  it("is made where there is none, with the monitor's results", async () => {
    expect(await world.publisher.publish(PLAN, [report()])).toEqual(PUBLISHED);
    expect(field(world.stored, "data")).toEqual(wantedResults(PLAN, [report()]).data);
    expect(field(world.stored, "metadata")).toMatchObject({ ownerReferences: [{ uid: PLAN.uid, controller: true }] });
  });

  it("is not written when it says that already", async () => {
    await world.publisher.publish(PLAN, [report()]);
    const before = world.writes.length;
    expect(await world.publisher.publish(PLAN, [report()])).toEqual(PUBLISHED);
    expect(world.writes).toHaveLength(before);
  });

  it("is written when a result is another one", async () => {
    await world.publisher.publish(PLAN, [report()]);
    await world.publisher.publish(PLAN, [report({ status: "Failed", statusCode: 500, errorMessage: "no" })]);
    expect(textField(field(world.stored, "data"), "cluster-eu-1.json")).toContain('"status_code":500,"success":false,"error":"no"');
  });

  it.each<[string, (world: World) => void]>([
    ["was deleted", (w) => (w.stored = undefined)],
    ["had a key edited", (w) => (w.stored = edited(w, { data: { "cluster-eu-1.json": "{}" } }))],
    ["had a key added", (w) => (w.stored = edited(w, { data: { ...parts(field(w.stored, "data")), more: "x" } }))],
    ["lost its data", (w) => (w.stored = edited(w, { data: {} }))],
  ])("comes back when it %s", async (_what, spoil) => {
    await world.publisher.publish(PLAN, [report()]);
    spoil(world);
    expect(await world.publisher.publish(PLAN, [report()])).toEqual(PUBLISHED);
    expect(field(world.stored, "data")).toEqual(wantedResults(PLAN, [report()]).data);
  });

  it("of another owner, or without our marks, is never touched, and the condition says whose move it is", async () => {
    const foreign = { metadata: { namespace: "shop", name: "checkout-results", uid: "theirs", resourceVersion: "1" }, data: { theirs: "yes" } };
    await world.publisher.publish(PLAN, [report()]);
    const ours = world.stored;
    for (const stored of [foreign, { ...ours, metadata: { ...parts(field(ours, "metadata")), ownerReferences: [{ uid: "another" }] } }]) {
      world.stored = stored;
      const before = world.writes.length;
      expect(await world.publisher.publish(PLAN, [report()])).toEqual({
        type: "ResultsPublished",
        status: "False",
        reason: "NameTaken",
        message: "a ConfigMap checkout-results that is not ours exists; rename or delete it",
      });
      expect(world.writes).toHaveLength(before);
      expect(world.stored).toBe(stored);
    }
  });

  it("whose name was taken between the look and the write is not touched either", async () => {
    world.refuse = refusing(new KubeError("ALREADY_EXISTS", "exists", { retryable: true }), "POST");
    expect(await world.publisher.publish(PLAN, [report()])).toMatchObject({ status: "False", reason: "NameTaken" });
    expect(new Set(world.writes)).toEqual(new Set(["POST /api/v1/namespaces/shop/configmaps"]));
    expect(world.logger.lines).toEqual([]);
  });

  it.each(["GET", "POST", "PATCH"])("that cannot be written (%s) is told and logged, and holds nothing up", async (method) => {
    if (method !== "POST") await world.publisher.publish(PLAN, [report({ durationMs: 1 })]);
    world.refuse = refusing(new KubeError("FORBIDDEN", "no rights", { retryable: true }), method);
    expect(await world.publisher.publish(PLAN, [report()])).toEqual({
      type: "ResultsPublished",
      status: "False",
      reason: "WriteFailed",
      message: "ConfigMap checkout-results could not be written; it is tried again",
    });
    expect(world.logger.lines).toMatchObject([{ level: "error", message: MESSAGES.configMapFailed, fields: { monitor: "shop/checkout", error_type: "FORBIDDEN" } }]);
    world.refuse = undefined;
    expect(await world.publisher.publish(PLAN, [report()])).toEqual(PUBLISHED);
  });

  it("of ours that somebody made immutable is made anew", async () => {
    await world.publisher.publish(PLAN, [report()]);
    const before = world.writes.length;
    let refused = false;
    world.refuse = ({ method }) => {
      if (method !== "PATCH" || refused) return;
      refused = true;
      throw new KubeError("INVALID", "data: Forbidden: field is immutable when `immutable` is set", { retryable: false });
    };
    expect(await world.publisher.publish(PLAN, [report({ status: "Failed" })])).toEqual(PUBLISHED);
    expect(world.writes.slice(before)).toEqual([`PATCH ${PATH}`, `DELETE ${PATH}`, "POST /api/v1/namespaces/shop/configmaps"]);
  });
});

describe("the results ConfigMap, by what the watch shows", () => {
  beforeEach(() => {
    world.seen.synced = true;
  });

  const other = [report({ durationMs: 99 })];

  it("takes one request to make, one to write, and none where it says that already", async () => {
    expect(await world.publisher.publish(PLAN, [report()])).toEqual(PUBLISHED);
    world.watch();
    expect(await world.publisher.publish(PLAN, [report()])).toEqual(PUBLISHED);
    expect(await world.publisher.publish(PLAN, other)).toEqual(PUBLISHED);
    expect(world.kube.log).toEqual(["POST /api/v1/namespaces/shop/configmaps", `PATCH ${PATH}`]);
    expect(field(world.stored, "data")).toEqual(wantedResults(PLAN, other).data);
  });

  it.each<[string, (world: World) => void]>([
    ["was edited", (w) => (w.stored = edited(w, { data: { "cluster-eu-1.json": "{}" } }))],
    ["lost its owner", (w) => (w.stored = edited(w, { metadata: { ownerReferences: [] } }))],
    ["lost its marks", (w) => (w.stored = edited(w, { metadata: { labels: {} } }))],
  ])("is looked at, and right again, when it %s", async (_what, spoil) => {
    await world.publisher.publish(PLAN, [report()]);
    spoil(world);
    world.watch();
    expect(await world.publisher.publish(PLAN, [report()])).toEqual(PUBLISHED);
    expect(world.kube.log.slice(1)).toEqual([`GET ${PATH}`, `PATCH ${PATH}`]);
    expect(field(world.stored, "data")).toEqual(wantedResults(PLAN, [report()]).data);
  });

  it("is looked at first where somebody says so, since its name was taken: a refused request counts against quotas", async () => {
    expect(await world.publisher.publish(PLAN, [report()], true)).toEqual(PUBLISHED);
    expect(world.kube.log).toEqual([`GET ${PATH}`, "POST /api/v1/namespaces/shop/configmaps"]);
  });

  it("is written only as the version that the watch shows", async () => {
    await world.publisher.publish(PLAN, [report()]);
    world.watch();
    await world.publisher.publish(PLAN, other);
    expect(field(world.kube.requests.at(-1)?.body, "metadata")).toMatchObject({ uid: "map-1", resourceVersion: "1" });
  });

  it.each<[string, string, "ALREADY_EXISTS" | "CONFLICT" | "INVALID" | "FORBIDDEN"]>([
    ["has not shown it yet", "POST", "ALREADY_EXISTS"],
    ["does not follow it for want of a label, and a quota is full", "POST", "FORBIDDEN"],
    ["still shows one that is gone, or was made anew", "PATCH", "CONFLICT"],
    ["does not show that it is immutable", "PATCH", "INVALID"],
  ])("is looked at where the watch %s", async (_what, method, code) => {
    await world.publisher.publish(PLAN, [report()]);
    if (method === "PATCH") world.watch();
    let refused = false;
    world.refuse = (request) => {
      if (refused || request.method !== method) return;
      refused = true;
      throw new KubeError(code, "refused", { retryable: true });
    };
    expect(await world.publisher.publish(PLAN, other)).toEqual(PUBLISHED);
    expect(world.kube.log.slice(2)).toEqual([`GET ${PATH}`, `PATCH ${PATH}`]);
    expect(field(world.stored, "data")).toEqual(wantedResults(PLAN, other).data);
  });

  it("of another owner is never touched", async () => {
    await world.publisher.publish(PLAN, [report()]);
    world.stored = edited(world, { metadata: { ownerReferences: [{ uid: "another" }] } });
    world.watch();
    expect(await world.publisher.publish(PLAN, other)).toMatchObject({ status: "False", reason: "NameTaken" });
    expect(world.writes).toHaveLength(1);
  });
});
