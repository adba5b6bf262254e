import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readSettings } from "../../../agent/src/settings.ts";
import { readConfig } from "../../../hub/src/config.ts";
import { at, listAt, textAt } from "../../kit/json.ts";
import { runGroup } from "../../kit/run.ts";
import { needsHelm } from "../../sandbox/test-needs.ts";
import { argumentsOf, type Chart, chartPath, CHARTS, flagsIn, FULL, helm, isHook, LEAST, objectsIn, ofKind, only, rendered, ROOT, runHelm, templateWords } from "./support.ts";

const DEPLOY = path.join(ROOT, "deploy");

async function read(...names: string[]): Promise<string> {
  return await readFile(path.join(...names), "utf8");
}

/** Flags that a chart never sets, each with its reason. */
const LEFT_OUT: Record<Chart, string[]> = {
  // The node's address comes from the pod; one replica has ordinal 0; the others are in place of enrolling.
  "sightline-agent": ["node-address", "ordinal", "nats-creds", "hub-key"],
  // In a pod the ServiceAccount serves; the API server reaches the hubs by their Service; a client CA is in place of the last one.
  "sightline-hub": ["kubeconfig", "webhook-url", "webhook-allow-any-client"],
};
const PROGRAMS: Record<Chart, string> = { "sightline-agent": "agent/src/main.ts", "sightline-hub": "hub/src/main.ts" };

describe.each(CHARTS)("the chart %s", (chart) => {
  needsHelm();

  it.each([["what has to be given", LEAST], ["every value", FULL]])("is in order with %s", async (_, values) => {
    const output = await helm(["lint", "--strict", chartPath(chart), "--set-json", JSON.stringify(values[chart])]);
    expect(output).toContain("1 chart(s) linted, 0 chart(s) failed");
  });

  it("is of the version of the program, and takes its image", async () => {
    const version = textAt(JSON.parse(await read(ROOT, "package.json")), "version");
    expect(parse(await read(chartPath(chart), "Chart.yaml"))).toMatchObject({ name: chart, version, appVersion: version });
    const [container] = listAt(only(await rendered(chart, LEAST[chart]), "StatefulSet"), "spec", "template", "spec", "containers");
    expect(textAt(container, "image")).toBe(`ghcr.io/example/${chart}:${version}`);
  });

  it("has in values.yaml what its schema knows and its templates use, and nothing else", async () => {
    const values: unknown = parse(await read(chartPath(chart), "values.yaml"));
    const schema: unknown = JSON.parse(await read(chartPath(chart), "values.schema.json"));
    expect(pathsOf(values, schema).toSorted()).toEqual(pathsOfSchema(schema).filter((one) => one !== "global").toSorted());
    const used = await usedValues(chart);
    expect(pathsOf(values, schema).filter((one) => !used.some((use) => one === use || one.startsWith(`${use}.`)))).toEqual([]);
    expect(used.filter((use) => at(values, ...use.split(".")) === undefined)).toEqual([]);
  });

  it("sets flags that the program has, and lets all others be set", async () => {
    const { output } = await runGroup(process.execPath, [PROGRAMS[chart], "--help"], { cwd: ROOT, env: process.env });
    const flags = [...output.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, flag = ""]) => flag).filter((flag) => flag !== "help" && flag !== "version");
    const args = argumentsOf(only(await rendered(chart, FULL[chart]), "StatefulSet"));
    const schema: unknown = JSON.parse(await read(chartPath(chart), "values.schema.json"));
    const settable = listAt(schema, "properties", "args", "propertyNames", "enum").map(String);
    const set = flagsIn(args).filter((flag) => !settable.includes(flag));
    expect([...set, ...settable, ...LEFT_OUT[chart]].toSorted()).toEqual(flags.toSorted());
  });
});

describe("values that are wrong", () => {
  needsHelm();

  it.each<[Chart, string, object, string]>([
    ["sightline-agent", "no cluster", {}, "/cluster"],
    ["sightline-agent", "a name that no cluster has", { cluster: "EU.1" }, "/cluster"],
    ["sightline-agent", "a key that there is not", { cluster: "eu-1", jointoken: "x" }, "jointoken"],
    ["sightline-agent", "a flag that there is not", { cluster: "eu-1", args: { "log-levle": "debug" } }, "log-levle"],
    ["sightline-agent", "a flag that the chart sets", { cluster: "eu-1", args: { "data-dir": "/tmp" } }, "data-dir"],
    ["sightline-hub", "no NATS", {}, "/nats/urls"],
    ["sightline-hub", "reviews for whoever asks", { nats: { urls: ["tls://nats-0:4222"] } }, "one of webhook.clientCaConfigMap, networkPolicy.enabled and webhook.allowAnyClient has to be set"],
    ["sightline-hub", "tokens in clear", { ...LEAST["sightline-hub"], metricsAuthorization: true }, "/tlsSecret"],
    ["sightline-hub", "a policy that shuts out the API server", { ...LEAST["sightline-hub"], networkPolicy: { enabled: true } }, "/networkPolicy/apiServer"],
  ])("%s: %s", async (chart, _, values, named) => {
    const { status, output } = await runHelm(templateWords(chart, values));
    expect(status).not.toBe(0);
    expect(output).toContain(named);
  });
});

describe("what the agent's chart makes", () => {
  needsHelm();

  it("is started as the agent reads it", async () => {
    const least = readSettings(argumentsOf(only(await rendered("sightline-agent", LEAST["sightline-agent"]), "StatefulSet")));
    expect(least).toMatchObject({ cluster: "eu-1", joinTokenFile: "/join/token", identitySecret: { namespace: "sightline-agent", name: "sightline-agent-identity" }, dataDir: "/data", listen: { host: "0.0.0.0", port: 9464 } });
    expect(readSettings(argumentsOf(only(await rendered("sightline-agent", FULL["sightline-agent"]), "StatefulSet")))).toMatchObject({ logLevel: "debug", maxConcurrency: 50, natsCa: "/more/ca.crt" });
  });

  it("is one pod that nobody doubles, with a folder for each or for all of its lives", async () => {
    const kept = only(await rendered("sightline-agent", LEAST["sightline-agent"]), "StatefulSet");
    expect(at(kept, "spec", "replicas")).toBe(1);
    expect(listAt(kept, "spec", "volumeClaimTemplates")).toHaveLength(1);
    const fleeting = only(await rendered("sightline-agent", { ...LEAST["sightline-agent"], persistence: { enabled: false } }), "StatefulSet");
    expect(at(fleeting, "spec", "volumeClaimTemplates")).toBeUndefined();
    expect(listAt(fleeting, "spec", "template", "spec", "volumes")).toContainEqual({ name: "data", emptyDir: {} });
  });

  it("takes a token that somebody else keeps, and none when the agent has enrolled", async () => {
    expect(await secretsWith({ joinToken: "abc" })).toEqual(["sightline-agent-identity", "sightline-agent-join-token"]);
    expect(await secretsWith({ existingSecret: "mine" })).toEqual(["sightline-agent-identity"]);
    expect(await secretsWith({})).toEqual(["sightline-agent-identity"]);
  });

  it("is scraped, and kept in, as the plain manifests say", async () => {
    const values = { ...LEAST["sightline-agent"], podMonitor: { enabled: true }, networkPolicy: { enabled: true, nats: [{ cidr: "203.0.113.10/32", port: 4222 }], apiServer: [{ cidr: "192.0.2.10/32", port: 6443 }] } };
    const objects = await rendered("sightline-agent", values);
    expect(only(objects, "PodMonitor")).toEqual(parse(await read(DEPLOY, "prometheus", "podmonitor.yaml")));
    expect(only(objects, "NetworkPolicy")).toEqual(parse(await read(DEPLOY, "kustomize", "agent-networkpolicy.yaml")));
    const full = JSON.stringify(only(await rendered("sightline-agent", FULL["sightline-agent"]), "NetworkPolicy"));
    expect(full).toContain('"10.0.0.0/8"');
    expect(full).toContain('"fd00:1::/64"');
  });
});

describe("what the hub's chart makes", () => {
  needsHelm();

  it("is started as the hub reads it", async () => {
    const least = readConfig(["node", "hub", ...argumentsOf(hubSet(await rendered("sightline-hub", LEAST["sightline-hub"], "elsewhere")))]);
    expect(least).toMatchObject({
      natsServers: ["tls://nats-0:4222", "tls://nats-1:4222"],
      natsReplicas: 3,
      keysDir: "/keys",
      leaseNamespace: "elsewhere",
      webhook: { listen: { port: 9443 }, address: { service: { namespace: "elsewhere", name: "sightline-hub", port: 443 } } },
      audit: { path: "/audit/audit.log" },
    });
    const full = readConfig(["node", "hub", ...argumentsOf(hubSet(await rendered("sightline-hub", FULL["sightline-hub"])))]);
    expect(full).toMatchObject({ natsCaFile: "/nats-ca/ca.crt", tls: { certFile: "/tls/tls.crt" }, metricsAuthorization: true, transitionBudget: 7, debug: { reconciliation: true }, webhook: { clientCaFile: "/webhook-client-ca/ca.crt", clientNames: ["kube-apiserver-webhooks", "second"] } });
  });

  it("asks for the API server's certificate, unless something else keeps others away", async () => {
    const values = { nats: { urls: ["tls://nats-0:4222"] } };
    for (const more of [{ networkPolicy: { enabled: true, apiServer: ["192.0.2.10/32"] } }, { webhook: { allowAnyClient: true } }]) {
      const args = argumentsOf(hubSet(await rendered("sightline-hub", { ...values, ...more })));
      expect(flagsIn(args)).toContain("webhook-allow-any-client");
      expect(readConfig(["node", "hub", ...args]).webhook).toMatchObject({ clientCaFile: undefined });
    }
    expect(flagsIn(argumentsOf(hubSet(await rendered("sightline-hub", { ...values, webhook: { enabled: false } }))))).not.toContain("webhook-allow-any-client");
  });

  it("has a Service by which the API server reaches the port that the hub opens", async () => {
    const objects = await rendered("sightline-hub", LEAST["sightline-hub"]);
    expect(at(only(objects, "Service"), "spec")).toMatchObject({ selector: at(hubSet(objects), "spec", "selector", "matchLabels"), ports: [{ name: "http", port: 8080 }, { name: "webhook", port: 443, targetPort: "webhook" }] });
  });

  it("gives the hub the rights of deploy/kustomize/rbac.yaml, in the release's namespace", async () => {
    const wanted = objectsIn((await read(DEPLOY, "kustomize", "rbac.yaml")).replaceAll("sightline-system", "elsewhere")).filter((object) => textAt(object, "kind") !== "Namespace");
    expect(rights(await rendered("sightline-hub", LEAST["sightline-hub"], "elsewhere"))).toEqual(byName(wanted));
    const bare = rights(await rendered("sightline-hub", { ...LEAST["sightline-hub"], rbac: { leaks: false, secrets: false, examples: false } }, "elsewhere"));
    expect(new Set(bare.map((object) => textAt(object, "metadata", "name")))).toEqual(new Set(["http-monitor-operator"]));
    expect(JSON.stringify(ofKind(bare, "ClusterRole"))).not.toContain('"secrets"');
  });

  it("is in deploy/kustomize as it renders (written anew by vitest -u), beside the rights", async () => {
    const values = { ...LEAST["sightline-hub"], nats: { urls: ["tls://nats.example.com:4222"] } };
    const shown = ["service", "poddisruptionbudget", "statefulset"].flatMap((name) => ["--show-only", `templates/${name}.yaml`]);
    const text = await helm([...templateWords("sightline-hub", values), ...shown]);
    await expect(`# Rendered from deploy/helm/sightline-hub; e2e/suites/charts holds it to that. Do not edit: patch it.\n${text}`).toMatchFileSnapshot(path.join(DEPLOY, "kustomize", "hub.yaml"));
    const kustomization: unknown = parse(await read(DEPLOY, "kustomize", "kustomization.yaml"));
    expect(listAt(kustomization, "resources")).toEqual(["rbac.yaml", "hub.yaml"]);
    const [args] = listAt(parse(textAt(listAt(kustomization, "patches")[0], "patch") ?? ""));
    expect(args).toMatchObject({ op: "replace", path: "/spec/template/spec/containers/0/args/0" });
    expect(argumentsOf(only(objectsIn(text), "StatefulSet"))[0]).toMatch(/^--nats-url=/);
  });

  it("brings the CRDs", async () => {
    const files = (await readdir(path.join(ROOT, "crds"))).filter((name) => name.endsWith(".yaml"));
    const wanted = files.map((name): unknown => parse(readFileSync(path.join(ROOT, "crds", name), "utf8")));
    expect(byName(objectsIn(await helm(["show", "crds", chartPath("sightline-hub")])))).toEqual(byName(wanted.filter((one) => typeof one === "object" && one !== null)));
  });

  it("is scraped as the plain manifest says", async () => {
    const objects = await rendered("sightline-hub", { ...LEAST["sightline-hub"], serviceMonitor: { enabled: true } });
    expect(only(objects, "ServiceMonitor")).toEqual(parse(await read(DEPLOY, "prometheus", "servicemonitor.yaml")));
  });

  it("runs sightline uninstall before anything is deleted, when its rights are there", async () => {
    const hooks = (await rendered("sightline-hub", LEAST["sightline-hub"])).filter(isHook);
    expect(new Set(hooks.map((hook) => textAt(hook, "metadata", "annotations", "helm.sh/hook")))).toEqual(new Set(["pre-delete"]));
    expect(hooks.toSorted((a, b) => weight(a) - weight(b)).map((hook) => textAt(hook, "kind")).at(-1)).toBe("Job");
    for (const binding of ["RoleBinding", "ClusterRoleBinding"]) {
      expect(weight(only(hooks, binding))).toBeGreaterThan(weight(only(hooks, binding.replace("Binding", ""))));
      expect(weight(only(hooks, binding))).toBeLessThan(weight(only(hooks, "Job")));
    }
    const [container] = listAt(only(hooks, "Job"), "spec", "template", "spec", "containers");
    expect(container).toMatchObject({ command: ["sightline"], args: ["uninstall", "--yes", "--hub-namespace=sightline-system"] });
  });
});

async function secretsWith(values: object): Promise<(string | undefined)[]> {
  return ofKind(await rendered("sightline-agent", { cluster: "eu-1", ...values }), "Secret").map((secret) => textAt(secret, "metadata", "name"));
}

function weight(hook: object): number {
  return Number(textAt(hook, "metadata", "annotations", "helm.sh/hook-weight"));
}

function hubSet(objects: readonly object[]): object {
  return only(objects, "StatefulSet");
}

/** The hub's ServiceAccount and roles, without those of the hook. */
function rights(objects: readonly object[]): object[] {
  return byName(objects.filter((object) => !isHook(object) && (textAt(object, "kind") === "ServiceAccount" || textAt(object, "apiVersion")?.startsWith("rbac.") === true)));
}

function byName(objects: readonly object[]): object[] {
  return objects.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf(object: object): string {
  return `${textAt(object, "kind")}/${textAt(object, "metadata", "name")}`;
}

/** Paths of the values, as deep as the schema names keys. */
function pathsOf(values: unknown, schema: unknown): string[] {
  if (typeof values !== "object" || values === null) return [];
  return Object.keys(values).flatMap((key) => deeper(key, pathsOf(at(values, key), at(schema, "properties", key)), at(schema, "properties", key)));
}

function pathsOfSchema(schema: unknown): string[] {
  const properties = at(schema, "properties");
  if (typeof properties !== "object" || properties === null) return [];
  return Object.keys(properties).flatMap((key) => deeper(key, pathsOfSchema(at(properties, key)), at(properties, key)));
}

function deeper(key: string, below: readonly string[], schema: unknown): string[] {
  return at(schema, "properties") === undefined ? [key] : below.map((one) => `${key}.${one}`);
}

/** Values that the templates name, such as image.tag. */
async function usedValues(chart: Chart): Promise<string[]> {
  const folder = path.join(chartPath(chart), "templates");
  const texts = await Promise.all((await readdir(folder)).map((name) => read(folder, name)));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/\.Values\.([A-Za-z.]+)/g)].map(([, name = ""]) => name)))];
}
