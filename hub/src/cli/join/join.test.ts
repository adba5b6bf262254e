import { systemClock } from "@sightline/shared";
import { type JoinToken, parseJoinToken } from "@sightline/shared/identity";
import { beforeAll, describe, expect, it } from "vitest";
import { hubKeysIn } from "../../identity/hub-keys.ts";
import { makeInstallation } from "../../identity/installation.ts";
import { makeJoinToken } from "../../identity/join.ts";
import { textField } from "../../kube/raw.ts";
import { registration } from "../../testing/objects.ts";
import { commandLine } from "../program.ts";
import { joinCommand, type JoinRequest } from "./command.ts";
import { agentManifest } from "./manifest.ts";
import { render, sorted } from "./run.ts";

let token: JoinToken;
beforeAll(async () => {
  const { keys } = await makeInstallation({ servers: ["tls://nats-0:4222", "tls://nats-1:4222"], ca: "PEM" });
  token = await makeJoinToken(hubKeysIn(keys, "/keys"), "eu-1", Math.floor(systemClock.now() / 1000) + 60);
});

async function asked(...words: string[]): Promise<JoinRequest[]> {
  const requests: JoinRequest[] = [];
  const program = commandLine(joinCommand((request) => Promise.resolve(void requests.push(request))));
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(["join-command", ...words], { from: "user" });
  return requests;
}

describe("sightline join-command", () => {
  it("takes one cluster, or many by a selector, and has a default for all else", async () => {
    expect(await asked("eu-1")).toMatchObject([{ name: "eu-1", ttlMs: 3_600_000, output: "helm", renew: false, hubNamespace: "sightline-system" }]);
    expect(await asked("--selector", "env=prod", "-o", "helm-values", "--renew")).toMatchObject([{ name: undefined, selector: "env=prod", output: "helm-values", renew: true }]);
  });

  it.each([[[]], [["eu-1", "--selector", "a=b"]], [["EU.1"]], [["eu-1", "--ttl", "10s"]], [["eu-1", "--ttl", "48h"]], [["eu-1", "-o", "xml"]]])("refuses %j", async (words) => {
    await expect(asked(...words)).rejects.toThrow();
  });

  it("makes no token that would replace an agent, unless it is told to", () => {
    const fleet = [registration("us-1"), registration("eu-1", { status: { publicKey: "U" } }), registration("ap-1")];
    expect(sorted(fleet, false)).toEqual({ open: ["ap-1", "us-1"], enrolled: ["eu-1"] });
    expect(sorted(fleet, true)).toEqual({ open: ["ap-1", "eu-1", "us-1"], enrolled: [] });
  });
});

describe("what it prints", () => {
  const place = { agentNamespace: "sightline-agent", image: "registry.example/agent:1", chart: "oci://registry.example/agent" };

  it("holds a token that an agent can read", () => {
    expect(parseJoinToken(render(token, { ...place, output: "token" }))).toEqual(token);
    const line = render(token, { ...place, output: "helm" });
    expect(line).toMatch(/^helm upgrade --install sightline-agent oci:\/\/registry\.example\/agent --namespace sightline-agent --create-namespace --set-string cluster=eu-1 --set-string joinToken=[\w-]+\n$/);
    expect(render(token, { ...place, output: "helm-values" })).toBe(`---\ncluster: eu-1\njoinToken: ${render(token, { ...place, output: "token" })}`);
  });

  it("is objects by which the agent runs with the least that it needs", () => {
    const objects = agentManifest(token, { namespace: place.agentNamespace, image: place.image });
    expect(objects.map((object) => textField(object, "kind"))).toEqual(["Namespace", "ServiceAccount", "Secret", "Secret", "Role", "RoleBinding", "StatefulSet"]);
    const [, , identity, , role, , set] = objects;
    expect(identity).not.toHaveProperty("data");
    expect(role).toHaveProperty("rules", [{ apiGroups: [""], resources: ["secrets"], resourceNames: ["sightline-agent-identity"], verbs: ["get", "patch"] }]);
    expect(set).toMatchObject({
      spec: {
        replicas: 1,
        template: {
          spec: {
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: [{ image: "registry.example/agent:1", securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } }, livenessProbe: { httpGet: { path: "/healthz" } }, readinessProbe: { httpGet: { path: "/readyz" } } }],
          },
        },
      },
    });
  });
});
