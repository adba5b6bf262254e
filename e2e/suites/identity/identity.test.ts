import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@sightline/shared";
import { parseJoinToken, signingKeyOf } from "@sightline/shared/identity";
import { connectNats, signedHeaders } from "@sightline/shared/nats";
import { agentInboxPrefix, enrolSubject, parseIdentityAnswer, renewSubject, RESULT_STREAM } from "@sightline/shared/wire";
import got from "got";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { makeJoinToken, readHubKeys } from "@sightline/hub/identity";
import { Conversation } from "../../../agent/src/identity/conversation.ts";
import { TestAgent } from "../../../hub/src/enrolment/testing.ts";
import { conditionOf } from "../../kit/hub-api.ts";
import { connectAsHub } from "../../kit/hub-nats.ts";
import { textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { sightline } from "../../kit/sightline.ts";
import { withStage } from "../../kit/suite.ts";
import { answers } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { auditLogOf } from "../../sandbox/parts/hub.ts";
import { layoutOf } from "../../sandbox/layout.ts";
import { agentOf } from "../../kit/stores.ts";
import { entry, fixedCredentials, identityOf, LoneIdentity } from "./support.ts";

const MINUTE_MS = 60_000;
let stage: Stage;

withStage(
  () => openStage("eu-1,us-1"),
  async (opened) => {
    stage = opened;
    stage.target.behave("/ok", answers(200));
    await stage.api.apply(monitor("front", { url: stage.target.url("/ok") }));
    await stage.api.untilStatus("default/front", "healthy in both", ({ healthy }) => healthy === "2/2");
  },
);

function registration(name: string, labels: Record<string, string> = {}, accepted = true): object {
  return { apiVersion: "monitoring.example.com/v1", kind: "ClusterRegistration", metadata: { name, labels }, spec: { accepted } };
}

async function auditLines(): Promise<unknown[]> {
  const text = await readFile(auditLogOf(layoutOf(stage.sandbox.dir), "hub-0"), "utf8");
  return text.split("\n").filter((line) => line !== "").map((line): unknown => JSON.parse(line));
}

async function ready(cluster: string): Promise<string> {
  const { body } = await got(`${agentOf(stage.sandbox, cluster).url}/readyz`, { throwHttpErrors: false, retry: { limit: 0 } });
  return body;
}

async function storedResults(cluster: string): Promise<number> {
  const hub = await connectAsHub(stage.sandbox);
  const request = JSON.stringify({ subjects_filter: `results.*.${cluster}` });
  const info = (await hub.request(`$JS.API.STREAM.INFO.${RESULT_STREAM}`, request)).json<{ state: { subjects?: Record<string, number> } }>();
  await hub.close();
  return Object.values(info.state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
}

async function untilAvailable(cluster: string): Promise<void> {
  await waitUntil({ what: `${cluster} to be Available`, timeoutMs: 2 * MINUTE_MS, everyMs: 200 }, async () => {
    const { status } = (await stage.api.registration(cluster)) ?? {};
    return conditionOf(status, "Accepted")?.status === "True" && conditionOf(status, "Available")?.status === "True" && (await ready(cluster)).includes('"ready":true');
  });
}

function probesOf(cluster: string): number {
  return stage.target.seen("/ok").filter((request) => request.cluster === cluster).length;
}

/** While eu-1 rests, us-1 probes the same monitor three times more. */
async function expectNoProbesOfEu1(): Promise<void> {
  const before = { eu: probesOf("eu-1"), us: probesOf("us-1") };
  await waitUntil({ what: "us-1 to probe three times more", timeoutMs: MINUTE_MS }, () => probesOf("us-1") >= before.us + 3);
  expect(probesOf("eu-1")).toBe(before.eu);
}

async function untilToldWhy(cluster: string): Promise<void> {
  await waitUntil({ what: "the agent to say why", timeoutMs: MINUTE_MS, everyMs: 200 }, async () => (await ready(cluster)).includes(`ClusterRegistration ${cluster} is not accepted: spec.accepted must be true`));
}

describe("F14: a cluster that is not accepted any more", () => {
  it("is shut out on every server within a minute, is told why, keeps its history, and comes back when it is accepted", async () => {
    const old = await identityOf(stage.sandbox, "eu-1");
    expect(await entry(stage.sandbox, "eu-1", old.working ?? "", old.connectionSeed)).toBe("let in");
    const kept = await storedResults("eu-1");
    expect(kept).toBeGreaterThan(0);

    await stage.api.patchRegistration("eu-1", { spec: { accepted: false } });
    await waitUntil({ what: "the old credentials to be refused", timeoutMs: MINUTE_MS, everyMs: 200 }, async () => /authorization|authentication/i.test(await entry(stage.sandbox, "eu-1", old.working ?? "", old.connectionSeed)));
    await untilToldWhy("eu-1");
    await expectNoProbesOfEu1();
    expect(await storedResults("eu-1")).toBeGreaterThanOrEqual(kept);
    expect(await entry(stage.sandbox, "us-1", (await identityOf(stage.sandbox, "us-1")).working ?? "", (await identityOf(stage.sandbox, "us-1")).connectionSeed)).toBe("let in");

    await stage.api.patchRegistration("eu-1", { spec: { accepted: true } });
    await untilAvailable("eu-1");
    expect(await entry(stage.sandbox, "eu-1", old.working ?? "", old.connectionSeed)).toMatch(/authorization|authentication/i);
    await stage.api.untilStatus("default/front", "healthy in both again", ({ healthy }) => healthy === "2/2");
    const told = (await auditLines()).map((line) => `${textAt(line, "operation")} ${textAt(line, "outcome")}`);
    expect(told).toEqual(expect.arrayContaining(["enrol Success", "renew Success", "revoke Success", "accept Success"]));
  });

  it("probes nothing either where its agent was down when it was shut out, also when that starts again, and goes on with its set once it is accepted", async () => {
    await stage.sandbox.kill("agent-eu-1");
    await stage.api.patchRegistration("eu-1", { spec: { accepted: false } });
    await stage.sandbox.restart("agent-eu-1");
    await untilToldWhy("eu-1");
    await expectNoProbesOfEu1();

    await stage.sandbox.kill("agent-eu-1");
    stage.target.forget();
    const restarted = stage.sandbox.restart("agent-eu-1");
    // It is not ready before it is accepted: that is what is waited for here.
    restarted.catch(() => undefined);
    await untilToldWhy("eu-1");
    await expectNoProbesOfEu1();
    expect(probesOf("eu-1")).toBe(0);

    await stage.api.patchRegistration("eu-1", { spec: { accepted: true } });
    await restarted;
    await untilAvailable("eu-1");
    await waitUntil({ what: "eu-1 to probe again", timeoutMs: MINUTE_MS }, () => probesOf("eu-1") > 0);
    await stage.api.untilStatus("default/front", "healthy in both again", ({ healthy }) => healthy === "2/2");
  });

  it("stays shut out by a server that lost what it was told: Kubernetes remembers", async () => {
    const { working = "", connectionSeed } = await identityOf(stage.sandbox, "us-1");
    await stage.api.patchRegistration("us-1", { spec: { accepted: false } });
    const refused = async (): Promise<boolean> => /authorization|authentication/i.test(await entry(stage.sandbox, "us-1", working, connectionSeed));
    await waitUntil({ what: "the credentials to be refused", timeoutMs: MINUTE_MS, everyMs: 200 }, refused);
    await stage.sandbox.kill("nats-server");
    await rm(join(layoutOf(stage.sandbox.dir).nats, "accounts"), { recursive: true, force: true });
    await stage.sandbox.restart("nats-server");
    await waitUntil({ what: "the credentials to be refused again", timeoutMs: MINUTE_MS, everyMs: 200 }, refused);
    await stage.api.patchRegistration("us-1", { spec: { accepted: true } });
    await untilAvailable("us-1");
  });
});

describe("joining", () => {
  it("takes one registration, one command, and one acceptance", async () => {
    expect(await sightline(stage, "join-command", "new-1", "--keys-dir", stage.sandbox.nats.keysDir)).toEqual({ status: 1, output: expect.stringContaining("there is no ClusterRegistration new-1") as unknown });
    await stage.api.apply(registration("new-1", {}, false));
    const { output } = await sightline(stage, "join-command", "new-1", "-o", "token", "--keys-dir", stage.sandbox.nats.keysDir);
    await using agent = await LoneIdentity.start(parseJoinToken(output));
    await waitUntil({ what: "the agent to wait", timeoutMs: MINUTE_MS }, () => agent.identity.missing?.includes("is not accepted") === true);
    await waitUntil({ what: "its key to be shown", timeoutMs: MINUTE_MS }, async () => conditionOf((await stage.api.registration("new-1"))?.status, "Accepted")?.message.includes(agent.identity.signingKey.publicKey) === true);
    await stage.api.patchRegistration("new-1", { spec: { accepted: true } });
    await waitUntil({ what: "the agent to work", timeoutMs: MINUTE_MS }, () => agent.identity.missing === undefined);
    expect(await sightline(stage, "join-command", "new-1", "--keys-dir", stage.sandbox.nats.keysDir)).toEqual({ status: 1, output: expect.stringContaining("say --renew") as unknown });
  });

  it("of an agent that lost its keys shuts the lost ones out, and takes another acceptance", async () => {
    const { output } = await sightline(stage, "join-command", "new-1", "-o", "token", "--renew", "--keys-dir", stage.sandbox.nats.keysDir);
    await using agent = await LoneIdentity.start(parseJoinToken(output));
    await waitUntil({ what: "the new agent to wait", timeoutMs: MINUTE_MS }, () => agent.identity.missing?.includes("is not accepted") === true);
    const { spec, status } = (await stage.api.registration("new-1")) ?? {};
    expect(spec?.accepted).toBe(false);
    expect(status?.publicKey).toBe(agent.identity.signingKey.publicKey);
    await waitUntil({ what: "the event", timeoutMs: MINUTE_MS }, async () => (await stage.api.eventsAbout("default/new-1")).some((event) => textAt(event, "reason") === "AgentReplaced"));
    await using late = await LoneIdentity.start(parseJoinToken(output));
    await waitUntil({ what: "the token to be refused", timeoutMs: MINUTE_MS }, () => late.identity.missing !== undefined && /used already|Authorization/i.test(late.identity.missing));
  });

  it("of 30 clusters takes one command", { timeout: 5 * MINUTE_MS }, async () => {
    const names = Array.from({ length: 30 }, (_, n) => `fleet-${String(n).padStart(2, "0")}`);
    await stage.api.apply(...names.map((name) => registration(name, { wave: "one" })));
    const { output, status } = await sightline(stage, "join-command", "--selector", "wave=one", "-o", "helm-values", "--keys-dir", stage.sandbox.nats.keysDir);
    expect(status).toBe(0);
    const values: unknown[] = output.split("---\n").slice(1).map((document): unknown => parse(document));
    expect(values.map((one) => textAt(one, "cluster"))).toEqual(names);
    await using agents = new AsyncDisposableStack();
    const identities = await Promise.all(values.map(async (one) => agents.use(await LoneIdentity.start(parseJoinToken(textAt(one, "joinToken") ?? ""))).identity));
    await waitUntil({ what: "30 agents to work", timeoutMs: 3 * MINUTE_MS, everyMs: 100 }, () => identities.every(({ missing }) => missing === undefined));
  });
});

describe("F15: on the wire", () => {
  it("a token cannot ask in the name of a cluster whose name begins alike", async () => {
    const keys = await readHubKeys(stage.sandbox.nats.keysDir);
    const token = await makeJoinToken(keys, "eu-1", Math.floor(systemClock.now() / 1000) + 600);
    await stage.api.apply(registration("eu-1-b"));
    await using thief = await LoneIdentity.start({ ...token, cluster: "eu-1-b" });
    await waitUntil({ what: "the thief to be refused", timeoutMs: MINUTE_MS }, () => thief.identity.missing !== undefined && /Authorization|Permissions|did not answer/i.test(thief.identity.missing));
    expect((await stage.api.registration("eu-1-b"))?.status?.publicKey).toBeUndefined();
  });

  it("a token is refused for another cluster, and to who cannot sign by it; each try is audited", async () => {
    const { publicKey } = (await stage.api.registration("eu-1"))?.status ?? {};
    const keys = await readHubKeys(stage.sandbox.nats.keysDir);
    const token = await makeJoinToken(keys, "prod", Math.floor(systemClock.now() / 1000) + 600);
    await stage.api.apply(registration("prod"), registration("prod-eu"));
    // The hub is asked by who may ask it anything: NATS itself would not let an agent ask in another cluster's name.
    const hub = await connectAsHub(stage.sandbox);
    const agent = new TestAgent();
    const ask = async (cluster: string): Promise<string> => {
      const { payload } = agent.enrol(cluster, { jwt: token.jwt, key: signingKeyOf(token.seed) });
      const signed = { headers: signedHeaders(agent.key, enrolSubject(cluster), payload) };
      return parseIdentityAnswer(cluster, (await hub.request(enrolSubject(cluster), payload, { ...signed, timeout: 30_000 })).data).state;
    };
    expect(await ask("prod-eu")).toBe("refused");
    expect(await ask("prod")).toBe("refused");
    await hub.close();
    expect((await stage.api.registration("eu-1"))?.status?.publicKey).toBe(publicKey);
    for (const name of ["prod", "prod-eu"]) expect((await stage.api.registration(name))?.status?.publicKey).toBeUndefined();
    const refused = (await auditLines()).filter((line) => textAt(line, "operation") === "enrol" && textAt(line, "outcome") === "Unauthorized");
    expect(refused.map((line) => textAt(line, "rule"))).toEqual(expect.arrayContaining(["token", "signature"]));
  });
});

/** By which rules renewals of a cluster were refused, as the audit log has it: one for each line. */
async function refusedRenewals(cluster: string): Promise<string[]> {
  const lines = (await auditLines()).filter((line) => textAt(line, "operation") === "renew" && textAt(line, "resource", "name") === cluster);
  return lines.flatMap((line) => textAt(line, "rule") ?? []);
}

describe("a cluster that floods the hub", () => {
  it("keeps no other one from its answer, and leaves a few lines in the audit log", async () => {
    const { nats } = stage.sandbox;
    const us = await identityOf(stage.sandbox, "us-1");
    const flood = await connectNats({ servers: [nats.url], caFile: nats.caFile, credentials: fixedCredentials(us.resting ?? "", us.agentSeed), name: "flood", inboxPrefix: agentInboxPrefix("us-1") });
    const sent = async (): Promise<void> => {
      for (let n = 0; n < 20_000; n += 1) flood.publish(renewSubject("us-1"), "x");
      await flood.flush();
    };
    await sent();
    const eu = await identityOf(stage.sandbox, "eu-1");
    const conversation = new Conversation({ cluster: "eu-1", caFile: nats.caFile, clock: systemClock });
    const [answer] = await Promise.all([conversation.renew(eu, eu.resting ?? ""), sent()]);
    expect(answer.state).toBe("working");
    await waitUntil({ what: "what was dropped to be in the audit log", timeoutMs: MINUTE_MS }, async () => (await refusedRenewals("us-1")).includes("rate"));
    expect((await refusedRenewals("us-1")).length).toBeLessThan(20);
    await flood.close();
  });
});

describe("a cluster that is deleted", () => {
  it("has its credentials revoked for good, and an agent that is not ready any more, whether it was told why or not", async () => {
    const { working = "", connectionSeed, resting = "", agentSeed } = await identityOf(stage.sandbox, "us-1");
    await stage.sandbox.kube.client.delete("apis/monitoring.example.com/v1/clusterregistrations/us-1");
    await waitUntil({ what: "both to be refused", timeoutMs: MINUTE_MS, everyMs: 200 }, async () => {
      const entries = await Promise.all([entry(stage.sandbox, "us-1", working, connectionSeed), entry(stage.sandbox, "us-1", resting, agentSeed)]);
      return entries.every((said) => /authorization|authentication/i.test(said));
    });
    await waitUntil({ what: "its agent to say that it cannot work", timeoutMs: MINUTE_MS, everyMs: 200 }, async () => /"part":"identity","reason":".*(Authorization|no ClusterRegistration|being deleted|not the key|revoked)/i.test(await ready("us-1")));
  });
});
