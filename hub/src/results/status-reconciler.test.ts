import { beforeEach, describe, expect, it } from "vitest";
import { MESSAGES } from "../telemetry/messages.ts";
import type { KubeRequest } from "../kube/client.ts";
import { KubeError } from "../kube/errors.ts";
import { field } from "../kube/raw.ts";
import { monitor, uidOf } from "../testing/objects.ts";
import type { StatusReconciler } from "./status-reconciler.ts";
import { DAY_MS, World } from "../testing/status-world.ts";

let world: World;

describe("writes of a status", () => {
  beforeEach(async () => {
    world = new World();
    await world.run();
    expect(world.wrote).toEqual(["transition"]);
  });

  it("are none when nothing is due, however long that is and however often it is looked", async () => {
    const requests = world.kube.requests.length;
    for (let hour = 0; hour < 10; hour++) await world.run(3_600_000);
    expect(world.kube.requests).toHaveLength(requests);
  });

  it("are told when they stand, and not before", async () => {
    expect(world.stood).toEqual(["undefined > Healthy"]);
    world.success = false;
    world.kube.answers.unshift(({ path }) => {
      if (path.endsWith("/status")) throw new KubeError("CONFLICT", "somebody was faster", { retryable: true });
    });
    await expect(world.run(1000)).rejects.toThrow("somebody was faster");
    expect(world.stood).toHaveLength(1);
    world.kube.answers.shift();
    await world.run(1000);
    expect(world.stood).toEqual(["undefined > Healthy", "Healthy > Unhealthy"]);
  });

  it("stand as they were written while the watch has not brought them: a recovery meanwhile is told once it is written", async () => {
    world.lagging = { written: undefined };
    world.success = false;
    await world.run(1000);
    expect(world.stood).toEqual(["undefined > Healthy", "Healthy > Unhealthy"]);
    world.settled.length = 0;
    world.success = true;
    for (let look = 0; look < 3; look++) await expect(world.run(1000)).rejects.toMatchObject({ code: "CONFLICT" });
    expect([world.stood.length, world.settled]).toEqual([2, []]);
    world.catchUp();
    await world.run(1000);
    expect(world.stood.slice(2)).toEqual(["Unhealthy > Healthy"]);
    expect(world.transitions).toEqual(["undefined > Healthy", "Healthy > Unhealthy", "Unhealthy > Healthy"]);
  });

  it("are not repeated while the watch has not brought them", async () => {
    world.lagging = { written: undefined };
    world.success = false;
    for (let look = 0; look < 3; look++) await world.run(1000);
    expect(world.wrote).toEqual(["transition", "transition"]);
    expect(world.stood.slice(1)).toEqual(["Healthy > Unhealthy", "Unhealthy > Unhealthy", "Unhealthy > Unhealthy"]);
  });

  it("come with the monitor's interval otherwise", async () => {
    await world.run(2 * DAY_MS + 1000);
    expect(world.wrote).toEqual(["transition", "refresh", "refresh"]);
  });

  it("come with the next result where it is a little late, not an interval later", async () => {
    const first = world.clock.now();
    world.lastEndedAt = first;
    await world.run(DAY_MS + 400);
    expect(world.wrote).toEqual(["transition"]);
    world.lastEndedAt = first + DAY_MS + 500;
    await world.run(1200);
    expect(world.wrote).toEqual(["transition", "refresh"]);
  });

  it("come with a new check's second result, which may be one interval and a half after the first", async () => {
    const first = world.clock.now();
    world.lastEndedAt = first;
    await world.run(1.4 * DAY_MS);
    world.lastEndedAt = first + 1.4 * DAY_MS;
    await world.run(0.1 * DAY_MS + 1200);
    expect(world.wrote).toEqual(["transition", "refresh"]);
  });

  it("are not looked for all the time where no result comes any more", async () => {
    world.lastEndedAt = world.clock.now();
    const looks = (): number => world.kube.requests.filter(({ method }) => method === "GET").length;
    const before = looks();
    await world.run(1.9 * DAY_MS);
    expect(world.wrote).toEqual(["transition"]);
    expect(looks() - before).toBe(3);
  });

  it("come at once when the results ConfigMap was deleted or edited, however long the interval is", async () => {
    await world.clock.advance(1000);
    world.maps.clear();
    world.stand = false;
    await world.run();
    expect(world.maps.size).toBe(1);
    world.stand = true;
    await world.run();
    expect(world.wrote).toEqual(["transition", "mend"]);
  });

  it("are tried again within 30 s where the results ConfigMap's name was taken, and not before", async () => {
    const [path = ""] = world.maps.keys();
    world.maps.set(path, { metadata: { namespace: "shop", name: "m-1-results", uid: "foreign", resourceVersion: "1" }, data: {} });
    world.stand = false;
    await world.run();
    const requests = world.kube.requests.length;
    await world.run(29_000);
    expect(world.kube.requests).toHaveLength(requests);
    world.maps.clear();
    await world.run(2000);
    expect(world.maps.size).toBe(1);
  });
});

describe("transitions of many monitors", () => {
  it("are written within the budget, and settle what was read only when they stand", async () => {
    world = new World(100);
    await world.run(20_000);
    expect(world.wrote).toHaveLength(100);
    const at = world.kube.requests.length;
    world.success = false;
    world.settled.length = 0;
    await world.run(1000);
    const written = world.kube.requests.slice(at).filter(({ path }) => path.endsWith("/status"));
    expect(written.length).toBeGreaterThanOrEqual(10);
    expect(written.length).toBeLessThanOrEqual(12);
    expect(world.settled).toHaveLength(written.length);
    await world.run(10_000);
    expect(world.monitors.all().every(({ status }) => status?.status === "Unhealthy")).toBe(true);
  });
});

function statusWrites(): KubeRequest[] {
  return world.kube.requests.filter(({ path }) => path.endsWith("/status"));
}

/** Reconciles the first monitor, long after the look before: the budget of writes has room again. */
async function run(): ReturnType<StatusReconciler["reconcile"]> {
  await world.clock.advance(1000);
  return world.reconciler.reconcile("shop/m-1");
}

describe("a monitor's status", () => {
  beforeEach(() => {
    world = new World();
  });

  it.each<[string, () => void]>([
    ["has no plan yet", () => world.registry.delete(uidOf(1))],
    ["is another one of the same name", () => world.monitors.set(monitor({ metadata: { name: "m-1", uid: uidOf(9) } }))],
    ["is being deleted", () => world.monitors.set(monitor({ metadata: { name: "m-1", deletionTimestamp: "2026-01-01T00:00:00Z" } }))],
    ["is gone", () => world.monitors.delete("shop/m-1")],
  ])("is not written when the monitor %s", async (_what, spoil) => {
    spoil();
    expect(await run()).toEqual({});
    expect(world.kube.requests).toEqual([]);
  });

  it("is not written while the results have not been read up to the present, and is looked at again", async () => {
    world.moment = false;
    expect(await run()).toMatchObject({ again: true });
    expect([world.kube.requests, world.settled]).toEqual([[], []]);
    world.moment = true;
    await run();
    expect(world.monitors.get("shop/m-1")?.status?.status).toBe("Healthy");
  });

  it("is written at once on a transition, against the version that was seen, and told once it stands", async () => {
    await run();
    world.success = false;
    await run();
    expect(world.monitors.get("shop/m-1")?.status).toMatchObject({ status: "Unhealthy", errorMessage: "All 1 clusters failed. Last error: TIMEOUT: no answer" });
    expect(statusWrites().map(({ body }) => field(field(body, "metadata"), "resourceVersion"))).toEqual(["1", "1"]);
    expect(world.transitions).toEqual(["undefined > Healthy", "Healthy > Unhealthy"]);
    await run();
    expect(statusWrites()).toHaveLength(2);
  });

  it.each([
    ["CONFLICT", 0, 0],
    ["FORBIDDEN", 1, 0],
    ["NOT_FOUND", 0, 1],
  ] as const)("that cannot be written (%s) is no transition and settles nothing; the queue tries it again", async (code, logged, gone) => {
    const [answer] = world.kube.answers;
    world.kube.answers.unshift(({ path }) => {
      if (path.endsWith("/status")) throw new KubeError(code, "refused", { retryable: true });
      return undefined;
    });
    await expect(run()).rejects.toMatchObject({ code });
    expect([world.transitions, world.settled, world.wrote]).toEqual([[], [], []]);
    expect(world.logger.messages).toEqual(Array.from({ length: logged }, () => MESSAGES.statusFailed));
    expect(world.gone).toBe(gone);
    world.kube.answers.shift();
    expect(world.kube.answers[0]).toBe(answer);
    await run();
    expect(world.transitions).toEqual(["undefined > Healthy"]);
  });

  it("shows the verdict also where the results ConfigMap's name is taken, and says so", async () => {
    world.maps.set("/api/v1/namespaces/shop/configmaps/m-1-results", { metadata: { namespace: "shop", name: "m-1-results", uid: "foreign", resourceVersion: "1" }, data: { theirs: "yes" } });
    await run();
    const { status } = world.monitors.get("shop/m-1") ?? {};
    expect(status?.status).toBe("Healthy");
    expect(status?.conditions?.find(({ type }) => type === "ResultsPublished")).toMatchObject({ status: "False", reason: "NameTaken" });
  });

  it("rests while the monitor is suspended", async () => {
    await run();
    const plan = world.registry.get(uidOf(1));
    if (plan !== undefined) world.registry.put({ ...plan, suspend: true });
    await run();
    const written = statusWrites().length;
    expect(await run()).toEqual({});
    await world.run(3 * DAY_MS);
    expect(statusWrites()).toHaveLength(written);
  });

  it("is not written any more once the monitor is forgotten, and forgetting waits for a write that is under way", async () => {
    const gate = Promise.withResolvers<undefined>();
    world.kube.answers.unshift(({ method, path }) => (method === "GET" && path.endsWith("/m-1-results") ? gate.promise : undefined));
    const writing = world.reconciler.reconcile("shop/m-1");
    world.registry.delete(uidOf(1));
    let writtenBefore = -1;
    const forgetting = world.reconciler.forget(uidOf(1)).then(() => (writtenBefore = statusWrites().length));
    expect(await run()).toEqual({});
    expect(writtenBefore).toBe(-1);
    gate.resolve(undefined);
    await Promise.allSettled([writing, forgetting]);
    expect(writtenBefore).toBe(statusWrites().length);
  });
});
