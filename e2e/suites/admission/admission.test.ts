import { describe, expect, it } from "vitest";
import { issueAuthority, issueLeaf } from "../../../hub/src/admission/certificates/issue.ts";
import { bundleOf, materialIn, secretTexts } from "../../../hub/src/admission/certificates/material.ts";
import { listAt, textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { sightline } from "../../kit/sightline.ts";
import { withStage } from "../../kit/suite.ts";
import { answers } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { applyUntilEnd, askAsStranger, heldObjects, leaderFirst, MUTATING, readTexts, reviewsOf, SECRET, servedCertificates, VALIDATING, webhookTrouble, writeTexts } from "./support.ts";

const MONITORS = "apis/monitoring.example.com/v1/namespaces/default/httpmonitors";
const DAY = 86_400_000;
/** Half of the default's times: whoever takes over waits for them. */
const LEASE = ["--lease-duration=6s", "--lease-renew-deadline=4500ms", "--lease-renew-interval=2s"];

let stage: Stage;

withStage(
  () => openStage("eu-1", { hubs: 2, flags: { hub: LEASE } }),
  async (opened) => {
    stage = opened;
    stage.target.behave("/ok", answers(200));
    await stage.api.apply(monitor("front", { url: stage.target.url("/ok") }));
    await stage.api.untilVerdict("default/front", "Healthy");
  },
);

function get(path: string): Promise<unknown> {
  return stage.sandbox.kube.client.get(path);
}

async function annotate(name: string, annotations: Record<string, string | null>): Promise<void> {
  await stage.api.patchMonitor(`default/${name}`, { metadata: { annotations } });
}

/** Each goes to any hub. */
async function manyChanges(): Promise<void> {
  for (let index = 0; index < 10; index++) await stage.api.patchMonitor("default/front", { spec: { interval: `${2 + (index % 2)}s` } });
}

describe("the admission webhook", () => {
  it("is registered when the hubs are ready, and fails closed for our kinds alone", async () => {
    for (const path of [MUTATING, VALIDATING]) {
      const webhooks = listAt(await get(path), "webhooks");
      expect(new Set(webhooks.flatMap((webhook) => listAt(webhook, "rules").flatMap((rule) => listAt(rule, "apiGroups"))))).toEqual(new Set(["monitoring.example.com"]));
      expect(new Set(webhooks.map((webhook) => textAt(webhook, "failurePolicy")))).toEqual(new Set(["Fail"]));
    }
  });

  it("is asked about what is new, and about each change of spec, placement and record", async () => {
    const changes: (() => Promise<unknown>)[] = [
      () => stage.api.apply(monitor("asked", { url: stage.target.url("/ok"), interval: "1h" })),
      () => stage.api.patchMonitor("default/asked", { spec: { interval: "2h" } }),
      () => annotate("asked", { "monitoring.example.com/clusters": "eu-1" }),
      () => annotate("asked", { "monitoring.example.com/clusters": null }),
    ];
    // Both webhooks each time; again where a status was written meanwhile, and the API server applies a patch anew.
    for (const change of changes) expect(await reviewsOf(stage, change)).toBeGreaterThanOrEqual(2);
    expect(textAt(await get(`${MONITORS}/asked`), "metadata", "annotations", "monitoring.example.com/authorized-by")).toContain("sightline-admin");
    await expect(annotate("asked", { "monitoring.example.com/authorized-by": "{}" })).rejects.toThrow("authorization failed: the annotation monitoring.example.com/authorized-by is written by the hub alone");
    expect(await reviewsOf(stage, () => stage.api.patchRegistration("eu-1", { metadata: { labels: { tier: "edge" } } }))).toBeGreaterThanOrEqual(1);
  });

  it("is not asked about status, finalizers, labels, a probe that is asked for, nor a delete", async () => {
    const large = Object.fromEntries(Array.from({ length: 60 }, (_none, index) => [`X-Header-${index}`, "v".repeat(200)]));
    await stage.api.apply(monitor("unasked", { url: stage.target.url("/ok"), interval: "1h", headers: large }));
    await stage.api.untilVerdict("default/unasked", "Healthy");
    const written = await reviewsOf(stage, async () => {
      await stage.api.patchMonitor("default/unasked", { metadata: { labels: { team: "shop" }, finalizers: ["example.com/hold", "httpmonitor.monitoring.example.com/finalizer"] } });
      await annotate("unasked", { "monitoring.example.com/probe-requested-at": new Date().toISOString() });
      await stage.sandbox.kube.client.patch(`${MONITORS}/unasked/status`, { status: { lastCheck: new Date().toISOString() } });
      await stage.api.deleteMonitor("default/unasked");
      await waitUntil({ what: "the hub's finalizer to be off", timeoutMs: 60_000 }, async () => listAt(await get(`${MONITORS}/unasked`), "metadata", "finalizers").length === 1);
      // Of what is being deleted nothing is asked: a finalizer must come off whatever a patch brings along.
      await stage.api.patchMonitor("default/unasked", { spec: { interval: "3h" }, metadata: { finalizers: null } });
      await stage.api.untilGone("default/unasked");
    });
    expect(written).toBe(0);
  });

  it("is asked about a dry run, which leaves nothing behind", async () => {
    const { client } = stage.sandbox.kube;
    expect(await reviewsOf(stage, () => client.post(`${MONITORS}?dryRun=All`, monitor("dry", { url: stage.target.url("/ok") })))).toBe(2);
    expect(await get(`${MONITORS}/dry`)).toBeUndefined();
  });

  it("answers the API server alone", async () => {
    const url = textAt(listAt(await get(VALIDATING), "webhooks")[0], "clientConfig", "url") ?? "";
    const answer = await askAsStranger(url, readTexts(await get(SECRET))["ca.crt"] ?? "");
    expect(answer).toMatchObject({ status: 401, body: { error: { code: "AUTHENTICATION_FAILED", message: "authentication failed: a client certificate of the API server is needed here" } } });
  });

  it("is registered again when somebody changes or deletes that", async () => {
    const { client } = stage.sandbox.kube;
    const before = listAt(await get(VALIDATING), "webhooks");
    await client.patch(VALIDATING, { webhooks: before.slice(1) });
    await client.delete(MUTATING);
    await waitUntil({ what: "both to be right again", timeoutMs: 30_000 }, async () => listAt(await get(MUTATING), "webhooks").length === 1 && listAt(await get(VALIDATING), "webhooks").length === before.length);
    expect(listAt(await get(VALIDATING), "webhooks")).toEqual(before);
  });
});

describe("the webhook's certificates", () => {
  it("are followed by the next ones while monitors are applied without a pause, and not one is refused", async () => {
    const { client } = stage.sandbox.kube;
    await using applies = applyUntilEnd(stage, "default/front");
    const now = Date.now();
    const first = materialIn(readTexts(await get(SECRET)));
    const [old] = first.authorities ?? [];
    if (old === undefined || first.leaf === undefined) throw new Error("there are no certificates");
    // A second authority, as if it had been made two days ago: long enough for everybody to have heard of it.
    const heir = await issueAuthority(now, { from: now - 2 * DAY, to: now + 300 * DAY });
    await writeTexts(client, secretTexts({ authorities: [old, heir], leaf: first.leaf }));
    const bundle = Buffer.from(bundleOf({ authorities: [old, heir] })).toString("base64");
    await waitUntil({ what: "both authorities to be trusted", timeoutMs: 30_000 }, async () => (await Promise.all([MUTATING, VALIDATING].map(get))).every((found) => textAt(listAt(found, "webhooks")[0], "clientConfig", "caBundle") === bundle));
    // Then the leaf grows old.
    const ageing = await issueLeaf(old, ["127.0.0.1"], now, { from: now - 80 * DAY, to: now + 10 * DAY });
    await writeTexts(client, secretTexts({ authorities: [old, heir], leaf: ageing }));
    const third = await waitUntil({ what: "a leaf of the new authority", timeoutMs: 30_000 }, async () => {
      const cert = readTexts(await get(SECRET))["tls.crt"];
      return cert === ageing.cert || cert === first.leaf?.cert ? undefined : cert;
    });
    await waitUntil({ what: "both hubs to serve it", timeoutMs: 30_000 }, async () => (await servedCertificates(stage)).every((served) => served === third));
    await applies.untilMore(10);
    expect(applies.refusals).toEqual([]);
  });
});

describe("when hubs are gone", () => {
  const tenants = Array.from({ length: 20 }, (_none, index) => `m-${index}`);
  let [leader, standby] = ["", ""];

  it("the others review: whether one ends in good order or is killed, no apply is lost, and the registration stays", async () => {
    await stage.api.ensureNamespace("tenant");
    await Promise.all(tenants.map((name) => stage.api.apply(monitor(name, { url: stage.target.url("/ok"), interval: "1h" }, { namespace: "tenant" }))));
    for (const name of tenants) await waitUntil({ what: `the finalizer of ${name}`, timeoutMs: 60_000 }, async () => ((await stage.api.monitor(`tenant/${name}`))?.metadata.finalizers ?? []).length === 1);
    [leader, standby] = await leaderFirst(stage);
    await stage.sandbox.kill(standby, "SIGTERM");
    expect([await get(MUTATING), await get(VALIDATING)]).not.toContain(undefined);
    await manyChanges();
    await stage.sandbox.restart(standby);
    await stage.sandbox.kill(standby);
    await manyChanges();
  });

  it("all of them killed: changes of our kinds are refused, deletes and all other kinds are not", async () => {
    await stage.sandbox.kill(leader);
    await expect(stage.api.apply(monitor("too-late", { url: stage.target.url("/ok") }))).rejects.toThrow(/failed calling webhook "mutate\.httpmonitors\.monitoring\.example\.com"/);
    await expect(stage.api.patchRegistration("eu-1", { spec: { accepted: false } })).rejects.toThrow(/failed calling webhook "validate\.clusterregistrations/);
    await stage.sandbox.kube.client.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "other", namespace: "default" }, data: {} });
    await stage.api.patchMonitor("default/front", { metadata: { labels: { team: "shop" } } });
    await stage.api.deleteMonitor("default/asked");
    expect(textAt(await get(`${MONITORS}/asked`), "metadata", "deletionTimestamp")).toBeDefined();
  });

  it("a tenant's namespace that is deleted while no hub runs is freed by `sightline release`", async () => {
    // The namespace controller, of which a sandbox has none, deletes each object and then waits for all to be gone.
    await stage.sandbox.kube.client.delete("api/v1/namespaces/tenant");
    for (const name of tenants) await stage.api.deleteMonitor(`tenant/${name}`);
    expect(await stage.api.monitors("tenant")).toHaveLength(20);
    const one = await sightline(stage, "release", "tenant/m-0");
    expect([one.status, one.output]).toEqual([0, expect.stringContaining("Released HTTPMonitor tenant/m-0.")]);
    const all = await sightline(stage, "release", "tenant");
    expect([all.status, all.output]).toEqual([0, expect.stringContaining("Released 19 HTTPMonitors of namespace tenant.")]);
    expect(await stage.api.monitors("tenant")).toEqual([]);
    const nowhere = await sightline(stage, "release", "nope");
    expect([nowhere.status, nowhere.output]).toEqual([0, expect.stringContaining("There is no namespace nope: nothing holds it.")]);
    const living = await sightline(stage, "release", "default/front");
    expect([living.status, living.output]).toEqual([1, expect.stringContaining("is not being deleted")]);
    expect((await stage.api.monitor("default/front"))?.metadata.finalizers).toHaveLength(1);
  });

  it("the last one ends in good order: the registration goes with it, and nobody waits for a hub", async () => {
    await stage.sandbox.restart(leader);
    await stage.sandbox.kill(leader, "SIGTERM");
    expect([await get(MUTATING), await get(VALIDATING)]).toEqual([undefined, undefined]);
    await waitUntil({ what: "the API server to ask nobody any more", timeoutMs: 30_000 }, async () => {
      await stage.api.patchMonitor("default/front", { spec: { interval: "4s" } });
      return true;
    });
  });

  it("`sightline uninstall` takes webhook and finalizers away, and a hub that still runs leaves it so", async () => {
    await stage.sandbox.restart(leader);
    expect(await sightline(stage, "uninstall")).toMatchObject({ status: 1, output: expect.stringContaining("Nothing was changed.") as unknown });
    const { status, output } = await sightline(stage, "uninstall", "--yes");
    expect([status, output]).toEqual([0, expect.stringMatching(/led: waiting 6 s[^]*Removed: mutatingwebhookconfiguration sightline, validatingwebhookconfiguration sightline\.\n[^]*Released all httpmonitors[^]*Released all clusterregistrations \(1 had our finalizer\)[^]*kubectl delete crd httpmonitors/)]);
    expect(await heldObjects(stage)).toEqual([]);
    // Only who has looked since knows that it is not registered.
    await waitUntil({ what: "the hub to have looked", timeoutMs: 30_000 }, async () => (await webhookTrouble(stage, leader))?.includes("not registered"));
    expect([await get(MUTATING), await get(VALIDATING), await heldObjects(stage)]).toEqual([undefined, undefined, []]);
  });
});
