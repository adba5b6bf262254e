import { writeFile } from "node:fs/promises";
import path from "node:path";

import { KEY_FILES, makeInstallation } from "@sightline/hub/identity";
import { newSigningKey } from "@sightline/shared/identity";
import { afterAll, describe, expect, it } from "vitest";

import { connectAsHub } from "../../kit/hub-nats.ts";
import { conditionOf } from "../../kit/hub-api.ts";
import { textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { sightline } from "../../kit/sightline.ts";
import { withStage } from "../../kit/suite.ts";
import { answers } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { pinAgentKey } from "../../sandbox/kube/setup.ts";
import { changeStream, doctor, kubeconfigOfNobody, removeStatusField, strangeHeartbeat, withdrawRight, wordsFor } from "./support.ts";

const LEASE = "apis/coordination.k8s.io/v1/namespaces/sightline-system/leases/http-monitor-operator";

/** Each thing that is broken here is named by doctor, and what it may not look at is never ok. */
describe("sightline doctor", () => {
  let stage: Stage;
  /** What a laptop lacks. */
  const laptop = (): string[] => ["nats.replicas: warning", `nats.sync (${stage.sandbox.state.natsMonitor}): warning`];

  withStage(
    () => openStage("eu-1:eu-west-1:production,us-1:us-east-1:production"),
    async (opened) => {
      stage = opened;
      opened.target.behave("/ok", answers(200));
      await opened.api.apply(monitor("shop", { url: opened.target.url("/ok") }));
      await opened.api.untilVerdict("default/shop", "Healthy");
      await opened.api.untilStatus("default/shop", "Ready", (status) => conditionOf(status, "Ready")?.status === "True");
    },
  );

  it("finds nothing wrong with a sandbox but what a laptop lacks", async () => {
    const seen = await doctor(stage);
    expect([seen.troubles.toSorted(), seen.status]).toEqual([laptop().toSorted(), 0]);
    expect(seen.message("monitors.verdicts")).toBe("1 Healthy");
    expect(seen.message("hubs.ready")).toBe("ready, active");
    const { status, output } = await sightline(stage, "doctor", ...wordsFor(stage));
    expect([status, output]).toEqual([0, expect.stringMatching(/^ {2}ok +nats\.streams +4 streams, all as they should be\n[^]*\n0 failed, 2 warnings, \d+ ok, 0 not checked\.\n$/m)]);
  });

  describe("with less access", () => {
    it("says what it may not see of Kubernetes, and takes nothing of it for ok", async () => {
      const seen = await doctor(stage, { "--kubeconfig": await kubeconfigOfNobody(stage) });
      expect(seen.states("kubernetes.reachable")).toEqual(["ok"]);
      for (const check of ["kubernetes.definitions", "kubernetes.permissions", "kubernetes.lease", "clusters.reporting", "monitors.ready", "nats.consumers"]) expect([check, seen.states(check)]).toEqual([check, ["not checked"]]);
      expect(seen.message("kubernetes.lease")).toContain('User "system:serviceaccount:default:nobody" cannot get resource "leases"');
    });

    it("knows the rights of the hub as the hub itself, too", async () => {
      const seen = await doctor(stage, { "--kubeconfig": stage.sandbox.state.operatorKubeconfig });
      expect([seen.states("kubernetes.permissions"), seen.states("kubernetes.definitions")]).toEqual([["ok"], ["not checked"]]);
    });

    it("says what an agent's user may not see of NATS", async () => {
      const seen = await doctor(stage, { "--nats-creds": stage.sandbox.state.agents[0]?.natsCredsFile });
      expect([seen.states("nats.reachable"), seen.states("nats.streams"), seen.states("nats.consumers"), seen.states("nats.jetstream")]).toEqual([["ok"], ["not checked"], ["not checked"], ["failed"]]);
      expect([seen.message("nats.jetstream"), seen.message("nats.streams")]).toEqual([expect.stringMatching(/^Permissions Violation/), "this key may not look: see nats.jetstream"]);
    });

    it.each([
      ["another installation's credentials", () => ({ "--nats-creds": path.join(stage.sandbox.dir, "stranger.creds") }), /Authorization Violation/],
      ["an authority that is not known", () => ({ "--nats-ca": undefined }), /certificate(?!.*Node\.js)/],
      ["a server that is not there", () => ({ "--nats-url": "tls://127.0.0.1:1" }), /connection refused/],
    ])("says of %s that NATS cannot be reached", async (_what, change, sentence) => {
      await writeStranger(path.join(stage.sandbox.dir, "stranger.creds"));
      const seen = await doctor(stage, change());
      expect([seen.status, seen.states("nats.reachable"), seen.states("nats.streams")]).toEqual([1, ["failed"], ["not checked"]]);
      expect(seen.message("nats.reachable")).toMatch(sentence);
    });

    it("ends with 2 when it can see nothing, and for a wrong command line", async () => {
      const nothing = { "--kubeconfig": "/nowhere", "--nats-url": undefined, "--nats-creds": undefined, "--nats-ca": undefined, "--nats-monitor-url": undefined, "--hub-url": "http://127.0.0.1:1", "--agent-url": undefined };
      const seen = await doctor(stage, nothing);
      expect([seen.status, seen.states("kubernetes.reachable"), seen.states("hubs.ready")]).toEqual([2, ["failed"], ["failed"]]);
      expect((await sightline(stage, "doctor", "--timeout", "soon")).status).toBe(2);
      for (const flag of ["--nats-creds", "--nats-ca"]) expect(await sightline(stage, "doctor", ...wordsFor(stage, { [flag]: "/nowhere" }))).toEqual({ status: 2, output: expect.stringMatching(new RegExp(`${flag}.*/nowhere`)) as unknown });
    });
  });

  it("names clusters that are silent, not accepted, of another clock or age", async () => {
    const { api, sandbox } = stage;
    await using connection = await connectAsHubDisposable(stage);
    const soon = { heartbeat: { interval: "1s", grace: "1s" } };
    await api.patchRegistration("us-1", { spec: soon });
    await sandbox.kill("agent-us-1");
    await api.apply(registration("new-1", { accepted: false }), registration("odd-1", { accepted: true, heartbeat: { interval: "10m", grace: "10m" } }));
    const { key } = newSigningKey("agent");
    await pinAgentKey(stage.sandbox.kube.client, "odd-1", key.publicKey);
    let sequence = 0;
    await waitUntil({ what: "odd-1's clock to be seen, and us-1's silence", timeoutMs: 90_000, everyMs: 250 }, async () => {
      strangeHeartbeat(connection.nats, key, "odd-1", ++sequence);
      const [odd, us] = [await api.registration("odd-1"), await api.registration("us-1")];
      return conditionOf(odd?.status, "ClockSynced")?.status === "False" && conditionOf(us?.status, "Available")?.status === "Unknown";
    });
    const seen = await doctor(stage);
    expect(seen.message("clusters.reporting", "us-1")).toMatch(/^silent, last heard at \d{4}-/);
    expect(seen.message("clusters.accepted")).toBe("1 cluster not accepted: new-1");
    expect(seen.message("clusters.clock", "odd-1")).toMatch(/10s behind the hub's/);
    expect(seen.message("clusters.version", "odd-1")).toMatch(/its agent is 0\.7\.0, this is/);
    expect(seen.states("agents.ready")).toEqual(["ok", "failed"]);
  });

  it("names what is wrong with what is installed", async () => {
    const { client } = stage.sandbox.kube;
    await removeStatusField(stage, "clusterregistrations.monitoring.example.com", "clockSkew");
    await withdrawRight(stage, "events");
    await client.apply({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "left-behind" },
      webhooks: [
        {
          name: "check.example.com",
          clientConfig: { service: { namespace: "default", name: "gone" } },
          rules: [{ apiGroups: ["monitoring.example.com"], apiVersions: ["v1"], resources: ["httpmonitors"], operations: ["CREATE"] }],
          failurePolicy: "Fail",
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    });
    const seen = await doctor(stage);
    expect(seen.status).toBe(1);
    expect(seen.message("kubernetes.definitions", "clusterregistrations.monitoring.example.com")).toBe("it lacks status.clockSkew");
    expect(seen.message("kubernetes.permissions")).toMatch(/^the hub may not .*\bcreate\b.* events$/);
    expect(seen.message("kubernetes.webhooks", "left-behind/check.example.com")).toBe("its service default/gone does not exist: it fails closed, so our objects cannot be written");
  });

  it("names what somebody changed in NATS, and a hub that stands still", async () => {
    await using connection = await connectAsHubDisposable(stage);
    // A hub that works would set it right within 5 s.
    await stage.sandbox.pause("hub-0");
    await changeStream(connection.nats, "KV_assign", { max_age: 600_000_000_000, max_msgs_per_subject: 5 });
    await connection.nats.request("$JS.API.STREAM.DELETE.parked");
    await connection.nats.request("$JS.API.CONSUMER.DELETE.KV_assign.agent-eu-1-0");
    await waitUntil({ what: "the lease to run out", timeoutMs: 60_000, everyMs: 250 }, async () => Date.now() - Date.parse(textAt(await stage.sandbox.kube.client.get(LEASE), "spec", "renewTime") ?? "") > 16_000);
    const seen = await doctor(stage, { "--timeout": "2s" });
    expect(seen.message("nats.streams", "KV_assign")).toBe("max_age is 600000000000, not 0; max_msgs_per_subject is 5, not 1");
    expect(seen.message("nats.streams", "parked")).toBe("this stream is not there");
    expect(seen.message("nats.consumers", "eu-1")).toMatch(/has no consumer/);
    expect(seen.message("kubernetes.lease")).toMatch(/no hub leads$/);
    expect(seen.message("hubs.ready")).toMatch(/^it does not answer: .*2000ms/);
  });

  afterAll(async () => {
    // Only a part that runs can be ended in good order.
    if (stage !== undefined) await stage.sandbox.resume("hub-0");
  });
});

function registration(name: string, spec: object): object {
  return { apiVersion: "monitoring.example.com/v1", kind: "ClusterRegistration", metadata: { name }, spec };
}

async function connectAsHubDisposable({ sandbox }: Stage): Promise<AsyncDisposable & { nats: Awaited<ReturnType<typeof connectAsHub>> }> {
  const nats = await connectAsHub(sandbox);
  return { nats, [Symbol.asyncDispose]: () => nats.close() };
}

/** The hub's credentials of another installation. */
async function writeStranger(file: string): Promise<void> {
  const { keys } = await makeInstallation({ servers: ["tls://elsewhere:4222"] });
  await writeFile(file, keys[KEY_FILES.hubCreds] ?? "", { mode: 0o600 });
}
