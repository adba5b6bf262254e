import { readFile, stat } from "node:fs/promises";
import path from "node:path";

import type { NatsConnection } from "nats";
import { connect, credsAuthenticator } from "nats";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { textAt } from "../../kit/json.ts";
import { waitUntil } from "../../kit/wait.ts";
import type { Nats } from "../../sandbox/mod.ts";
import { KubeClient, startNats, startSandbox } from "../../sandbox/mod.ts";
import { needsServers } from "../../sandbox/test-needs.ts";
import { processesOf, testFolders } from "./support.ts";

const connections: NatsConnection[] = [];

async function connectAs(nats: Nats, credentials: string, inboxPrefix?: string): Promise<NatsConnection> {
  const connection = await connect({
    servers: nats.nats.url,
    tls: { caFile: nats.nats.caFile },
    authenticator: credsAuthenticator(await readFile(credentials)),
    ...(inboxPrefix !== undefined && { inboxPrefix }),
  });
  connections.push(connection);
  return connection;
}

/** Resolves with the first error that the server tells this connection of. */
async function refusal(connection: NatsConnection): Promise<string> {
  for await (const status of connection.status()) {
    if (status.type === "error") return status.error.message;
  }
  return "the connection closed without a word";
}

describe("nats-server alone", () => {
  needsServers();
  const folder = testFolders();
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
  });

  it("carries an agent's heartbeat to the hub, and no other agent's", async () => {
    await using nats = await startNats({ dir: folder("nats"), clusters: ["eu-1", "us-1"] });
    const hub = await connectAs(nats, nats.nats.hubCredsFile);
    const heard = hub.subscribe("hb.*", { max: 1 });
    await hub.flush();
    const agent = await connectAs(nats, nats.nats.agentCredsFiles.get("eu-1") ?? "", "_INBOX_eu-1");
    const refused = refusal(agent);
    agent.publish("hb.us-1", "forged");
    expect(await refused).toContain("hb.us-1");
    agent.publish("hb.eu-1", "alive");
    for await (const message of heard) expect([message.subject, message.string()]).toEqual(["hb.eu-1", "alive"]);
  });

  it.each(["$JS.API.INFO", "$JS.API.STREAM.LIST", "$KV.assign.eu-1.head", "hubapi.CONSUMER.MSG.NEXT.KV_assign.agent-us-1-0"])("lets no agent publish %s", async (subject) => {
    await using nats = await startNats({ dir: folder("nats"), clusters: ["eu-1", "us-1"] });
    const agent = await connectAs(nats, nats.nats.agentCredsFiles.get("eu-1") ?? "", "_INBOX_eu-1");
    const refused = refusal(agent);
    agent.publish(subject, "");
    expect(await refused).toMatch(/permissions violation/i);
  });

  it("gives JetStream to the hub, keeps its credentials from others' eyes, and takes no unknown client", async () => {
    await using nats = await startNats({ dir: folder("nats"), clusters: ["eu-1"] });
    const hub = await connectAs(nats, nats.nats.hubCredsFile);
    const info: unknown = (await hub.request("$JS.API.INFO")).json();
    expect(textAt(info, "type")).toBe("io.nats.jetstream.api.v1.account_info_response");
    expect(((await stat(nats.nats.hubCredsFile)).mode & 0o777).toString(8)).toBe("600");
    await expect(connect({ servers: nats.nats.url, tls: { caFile: nats.nats.caFile }, maxReconnectAttempts: 0 })).rejects.toThrow(/authorization/i);
    await expect(connect({ servers: nats.nats.url, maxReconnectAttempts: 0 })).rejects.toThrow();
  });

  it("comes back on its port after a kill, with what it had stored; paused, it does not answer until it is resumed", async () => {
    await using nats = await startNats({ dir: folder("nats"), clusters: ["eu-1"] });
    const hub = await connectAs(nats, nats.nats.hubCredsFile);
    await hub.request("$JS.API.STREAM.CREATE.kept", JSON.stringify({ name: "kept", subjects: ["kept"], storage: "file" }));
    await nats.kill("nats-server");
    expect(await processesOf(`${nats.dir}/nats`)).toEqual([]);
    await nats.restart("nats-server");
    expect(nats.failure.aborted).toBe(false);
    const again = await connectAs(nats, nats.nats.hubCredsFile);
    expect((await again.request("$JS.API.STREAM.INFO.kept")).string()).not.toContain('"error"');

    await nats.pause("nats-server");
    await expect(again.request("$JS.API.INFO", "", { timeout: 300 })).rejects.toThrow(/timeout/i);
    await nats.resume("nats-server");
    await waitUntil({ what: "an answer", timeoutMs: 10_000 }, async () => (await again.request("$JS.API.INFO", "", { timeout: 500 })).string() !== "");
  });
});

describe("the Kubernetes API of a sandbox", () => {
  needsServers();
  const folder = testFolders();

  it("lets the hub's ServiceAccount do what its work takes, and no more; knows no anonymous user", async () => {
    await using sandbox = await startSandbox({ dir: folder("kube"), clusters: [{ name: "eu-1", region: "eu-west-1", environment: "production" }], hubs: 0, agents: false });
    const registration = await sandbox.kube.client.get("apis/monitoring.example.com/v1/clusterregistrations/eu-1");
    expect(registration).toMatchObject({
      metadata: { labels: { region: "eu-west-1", environment: "production" } },
      spec: { region: "eu-west-1", environment: "production", accepted: true },
    });
    const allowed = async (verb: string, group: string, resource: string, namespace: string): Promise<boolean> => {
      const [name, subresource] = resource.split("/");
      const review = await sandbox.kube.client.post("apis/authorization.k8s.io/v1/subjectaccessreviews", {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: { user: "system:serviceaccount:sightline-system:http-monitor-operator", resourceAttributes: { verb, group, resource: name, subresource, namespace } },
      });
      return JSON.stringify(review).includes('"allowed":true');
    };
    expect(await allowed("patch", "monitoring.example.com", "httpmonitors/status", "shop")).toBe(true);
    expect(await allowed("create", "", "configmaps", "shop")).toBe(true);
    expect(await allowed("update", "coordination.k8s.io", "leases", "sightline-system")).toBe(true);
    expect(await allowed("update", "coordination.k8s.io", "leases", "kube-system")).toBe(false);
    expect(await allowed("update", "", "secrets", "shop")).toBe(false);
    expect(await allowed("create", "admissionregistration.k8s.io", "validatingwebhookconfigurations", "")).toBe(true);
    // Of one name alone.
    expect(await allowed("patch", "admissionregistration.k8s.io", "validatingwebhookconfigurations", "")).toBe(false);
    expect(await allowed("delete", "monitoring.example.com", "httpmonitors", "shop")).toBe(false);

    const kubeconfig: unknown = parse(await readFile(path.join(sandbox.dir, "operator.kubeconfig"), "utf8"));
    expect(textAt(kubeconfig, "users", 0, "user", "token")).toMatch(/^eyJ/);
    const stranger = new KubeClient({ server: sandbox.kube.server, ca: sandbox.kube.ca, cert: "", key: "" });
    await expect(stranger.get("api/v1/namespaces")).rejects.toThrow("401");
    stranger.close();
  });
});
