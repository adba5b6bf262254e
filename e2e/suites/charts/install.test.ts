import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { at, listAt, textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { runSightline, sightline } from "../../kit/sightline.ts";
import { withStage } from "../../kit/suite.ts";
import { answers } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { writeKubeconfig } from "../../sandbox/kube/kubeconfig.ts";
import { layoutOf } from "../../sandbox/layout.ts";
import { needsHelm } from "../../sandbox/test-needs.ts";
import { argumentsOf, chartPath, CHARTS, FULL, helm, type HelmResult, isMonitoring, LEAST, NAMESPACES, objectsIn, ofKind, only, rendered, ROOT, runHelm } from "./support.ts";

const WEBHOOKS = ["mutating", "validating"].map((kind) => `apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/sightline`);
/** Half of the default's times: who uninstalls waits for the hub that leads. */
const LEASE = ["--lease-duration=6s", "--lease-renew-deadline=4500ms", "--lease-renew-interval=2s"];

let stage: Stage;

/** One API server stands for the hub's and for a member cluster's. */
withStage(
  () => openStage("eu-1", { flags: { hub: LEASE } }),
  async (opened) => {
    stage = opened;
    stage.target.behave("/ok", answers(200));
    await stage.api.apply({ apiVersion: "monitoring.example.com/v1", kind: "ClusterRegistration", metadata: { name: "eu-2" }, spec: { region: "eu" } });
    await stage.api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "sightline-agent", labels: RESTRICTED } });
    await stage.api.apply(monitor("front", { url: stage.target.url("/ok") }));
    await stage.api.untilVerdict("default/front", "Healthy");
  },
  needsHelm,
);

const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };

function get(path: string): Promise<unknown> {
  return stage.sandbox.kube.client.get(path);
}

async function joinCommand(...words: string[]): Promise<string> {
  const { status, output } = await sightline(stage, "join-command", "eu-2", "--keys-dir", layoutOf(stage.sandbox.dir).keys, ...words);
  expect(status, output).toBe(0);
  return output;
}

describe.each(CHARTS)("the objects of %s", (chart) => {
  it.each([["what has to be given", LEAST], ["every value", FULL]])("are taken by the API server with %s", async (_, values) => {
    const objects = (await rendered(chart, values[chart])).filter((object) => !isMonitoring(object));
    expect(objects.length).toBeGreaterThan(5);
    for (const object of objects) expect(nameOf(await stage.sandbox.kube.client.dryApply(object))).toBe(nameOf(object));
  });
});

describe("an agent's installation", () => {
  it("is the same by join-command's manifest as by the chart, for the API server", async () => {
    const manifest = objectsIn(await joinCommand("-o", "manifest"));
    const token = textAt(ofKind(manifest, "Secret").find((secret) => textAt(secret, "metadata", "name") === "sightline-agent-join-token"), "stringData", "token")?.trim();
    expect(only(manifest, "Namespace")).toMatchObject({ metadata: { name: "sightline-agent", labels: RESTRICTED } });
    const chart = await rendered("sightline-agent", { cluster: "eu-2", joinToken: token });
    expect(await stored(chart)).toEqual(await stored(manifest.filter((object) => textAt(object, "kind") !== "Namespace")));
  });

  it("is one line for Helm, which makes it", async () => {
    const [program, ...words] = (await joinCommand("--chart", chartPath("sightline-agent"))).trim().split(" ");
    expect(program).toBe("helm");
    expect(await helm(words, stage.sandbox.adminKubeconfig)).toContain("STATUS: deployed");
    expect(argumentsOf(await installed("apis/apps/v1/namespaces/sightline-agent/statefulsets/sightline-agent"))).toContain("--cluster=eu-2");
  });

  it("keeps the agent's identity when it is updated, and needs the token no more", async () => {
    const identity = "api/v1/namespaces/sightline-agent/secrets/sightline-agent-identity";
    const data = { "identity.json": Buffer.from("{}").toString("base64") };
    await stage.sandbox.kube.client.patch(identity, { data });
    await helm(["upgrade", "sightline-agent", chartPath("sightline-agent"), "--namespace", "sightline-agent", "--set-string", "cluster=eu-2"], stage.sandbox.adminKubeconfig);
    expect(at(await get(identity), "data")).toEqual(data);
    expect(await get("api/v1/namespaces/sightline-agent/secrets/sightline-agent-join-token")).toBeUndefined();
  });

  it("is of values, too, that Helm takes for many clusters", async () => {
    const file = join(stage.sandbox.dir, "values.yaml");
    await writeFile(file, await joinCommand("-o", "helm-values"));
    const objects = objectsIn(await helm(["template", "sightline-agent", chartPath("sightline-agent"), "--namespace", "sightline-agent", "-f", file]));
    expect(argumentsOf(only(objects, "StatefulSet"))).toContain("--cluster=eu-2");
    expect(ofKind(objects, "Secret")).toHaveLength(2);
  });
});

describe("every pod", () => {
  it("of both charts runs where only restricted pods may", async () => {
    for (const chart of CHARTS) {
      const namespace = NAMESPACES[chart];
      await stage.sandbox.kube.client.patch(`api/v1/namespaces/${namespace}`, { metadata: { labels: RESTRICTED } });
      const objects = (await rendered(chart, LEAST[chart])).filter((object) => at(object, "spec", "template") !== undefined);
      expect(objects).toHaveLength(chart === "sightline-hub" ? 2 : 1);
      // The ServiceAccounts, without which the API server takes no pod.
      await stage.api.apply(...ofKind(await rendered(chart, LEAST[chart]), "ServiceAccount"));
      for (const object of objects) expect(textAt(await stage.sandbox.kube.client.post(`api/v1/namespaces/${namespace}/pods?dryRun=All`, podOf(object)), "kind")).toBe("Pod");
    }
  });
});

describe("the hub's release", () => {
  it("takes the webhook away before it goes, then the finalizers, by the rights of its hook alone", async () => {
    const installation = await release("upgrade", "--install", "sightline-hub", chartPath("sightline-hub"), "--take-ownership", "--skip-crds", "--set-json", JSON.stringify(LEAST["sightline-hub"]));
    expect(installation.status, installation.output).toBe(0);
    expect(finalizers(await get(MONITOR))).toHaveLength(1);

    const removal = release("uninstall", "sightline-hub");
    // As the controller of Jobs would do it, with the pod's token.
    const job = await waitUntil({ what: "the hook's Job", timeoutMs: 60_000 }, async () => await get(JOB));
    const kubeconfig = await kubeconfigOf(textAt(job, "spec", "template", "spec", "serviceAccountName") ?? "");
    const { status, output } = await runSightline(CLI, { sandbox: { ...stage.sandbox, adminKubeconfig: kubeconfig } }, argumentsOf(job));
    expect(status, output).toBe(0);
    expect(output).toContain("Removed: mutatingwebhookconfiguration sightline, validatingwebhookconfiguration sightline.");
    expect(output.indexOf("Removed:")).toBeLessThan(output.indexOf("Released all httpmonitors"));
    expect(await Promise.all(WEBHOOKS.map(get))).toEqual([undefined, undefined]);
    expect(finalizers(await get(MONITOR))).toEqual([]);
    // Until then, nothing else is gone.
    expect(await get(SET)).toBeDefined();
    await complete();
    const removed = await removal;
    expect(removed.status, removed.output).toBe(0);
    expect(await Promise.all([get(SET), get(JOB), get("apis/rbac.authorization.k8s.io/v1/clusterroles/sightline-uninstall")])).toEqual([undefined, undefined, undefined]);
    expect(await get(MONITOR)).toBeDefined();
  });
});

const CLI = join(ROOT, "hub/src/cli/main.ts");
const JOB = "apis/batch/v1/namespaces/sightline-system/jobs/sightline-uninstall";
const SET = "apis/apps/v1/namespaces/sightline-system/statefulsets/sightline-hub";

/** Helm, for the hub's release. */
async function release(...words: string[]): Promise<HelmResult> {
  return await runHelm([...words, "--namespace", "sightline-system", "--timeout", "2m"], stage.sandbox.adminKubeconfig);
}

/** Marks the hook's Job as done. */
async function complete(): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+/, "");
  const condition = (type: string): object => ({ type, status: "True", reason: "CompletionsReached", lastTransitionTime: now, lastProbeTime: now });
  const status = { startTime: now, completionTime: now, succeeded: 1, ready: 0, uncountedTerminatedPods: {}, conditions: [condition("SuccessCriteriaMet"), condition("Complete")] };
  await stage.sandbox.kube.client.patch(`${JOB}/status`, { status });
}

const MONITOR = "apis/monitoring.example.com/v1/namespaces/default/httpmonitors/front";

function finalizers(object: unknown): unknown[] {
  return listAt(object, "metadata", "finalizers");
}

function nameOf(object: unknown): string {
  return `${textAt(object, "kind")}/${textAt(object, "metadata", "name")}`;
}

async function installed(path: string): Promise<object> {
  const found = await get(path);
  if (typeof found !== "object" || found === null) throw new Error(`there is no ${path}`);
  return found;
}

/** Objects as the API server would store them, by kind and name. */
async function stored(objects: readonly object[]): Promise<Record<string, unknown>> {
  const entries = await Promise.all(objects.map(async (object) => [nameOf(object), own(await stage.sandbox.kube.client.dryApply(object))] as const));
  return Object.fromEntries(entries);
}

/** Without what the API server adds. */
function own(object: unknown): unknown {
  const { metadata: _metadata, ...rest } = typeof object === "object" && object !== null ? { metadata: undefined, ...object } : { metadata: undefined };
  return { ...rest, labels: at(object, "metadata", "labels"), name: at(object, "metadata", "name"), namespace: at(object, "metadata", "namespace") };
}

/** A pod as the controller would make it of a template. */
function podOf(object: object): object {
  const template = at(object, "spec", "template");
  const claims = listAt(object, "spec", "volumeClaimTemplates").map((claim) => ({ name: textAt(claim, "metadata", "name"), emptyDir: {} }));
  const spec = { ...asRecord(at(template, "spec")), volumes: [...listAt(template, "spec", "volumes"), ...claims] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "pod", labels: at(template, "metadata", "labels") }, spec };
}

function asRecord(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** By a token, as a pod has it. */
async function kubeconfigOf(account: string): Promise<string> {
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const token = textAt(await stage.sandbox.kube.client.post(`api/v1/namespaces/sightline-system/serviceaccounts/${account}/token`, request), "status", "token");
  const file = join(stage.sandbox.dir, `${account}.kubeconfig`);
  const ca = await readFile(join(layoutOf(stage.sandbox.dir).pki, "ca.crt"), "utf8");
  await writeKubeconfig(file, { server: stage.sandbox.state.kubeApi, ca, user: { token: token ?? "" } });
  return file;
}
