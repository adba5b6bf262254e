import { readHubKeys } from "@sightline/hub/identity";
import { systemClock } from "@sightline/shared";
import { newSigningKey } from "@sightline/shared/identity";
import { connectAgentLink, serveIdentity, signedHeaders } from "@sightline/shared/nats";
import { subjectsAround } from "@sightline/shared/testing";
import {
  agentConsumer,
  agentInboxPrefix,
  assignmentSubject,
  encodeIdentityAnswer,
  ENROL_SUBJECTS,
  headSubject,
  joinInboxPrefix,
  parseRenewRequest,
  RENEW_SUBJECTS,
  renewSubject,
  resultSubject,
} from "@sightline/shared/wire";
import type { NatsConnection } from "nats";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";

import { Conversation } from "../../../agent/src/identity/conversation.ts";
import { newKeys } from "../../../agent/src/identity/stored-identity.ts";
import { at, listAt, textAt } from "../../kit/json.ts";
import { waitUntil } from "../../kit/wait.ts";
import { needsServers } from "../../sandbox/test-needs.ts";
import { type Heard, listen, machinery, refusalsOf, stored } from "./looking.ts";
import { everyWay, requestsBy } from "./requests.ts";
import { CLUSTERS, Isolation, type Kind, KINDS, PERMISSIONS } from "./stage.ts";

const UID = "11111111-2222-4333-8444-555555555555";
const OTHER_UID = "99999999-2222-4333-8444-555555555555";

/** Who attacks, and whom: also of two whose names begin alike. */
const PAIRS = [
  ["eu-1", "us-1"],
  ["eu-1", "eu"],
  ["eu", "eu-1"],
] as const;

let stage: Isolation;
needsServers(async () => {
  stage = await Isolation.open();
  for (const cluster of CLUSTERS) {
    for (const subject of [headSubject(cluster), assignmentSubject(cluster, UID), resultSubject(3, cluster)]) await stage.hub.request(subject, `true, of ${cluster}`);
  }
});
afterAll(async () => await stage?.[Symbol.asyncDispose]());

/** Whether a subject names a cluster, by a token of its own. */
function names(cluster: string): (heard: Pick<Heard, "subject">) => boolean {
  const tokens = new Set([cluster, agentConsumer(cluster, 0), agentInboxPrefix(cluster), joinInboxPrefix(cluster)]);
  return ({ subject }) => subject.split(".").some((token) => tokens.has(token));
}

/** Has an agent read its first assignment, which it may acknowledge then. @returns the subject for that. */
async function firstDelivery(agent: NatsConnection, cluster: string): Promise<string> {
  const consumer = agentConsumer(cluster, 0);
  // What it asked for before may still take the first one away.
  return await waitUntil({ what: `an assignment of ${cluster}`, timeoutMs: 10_000 }, async () => {
    await agent.request(`hubapi.CONSUMER.RESET.KV_assign.${consumer}`, JSON.stringify({ seq: 1 }));
    const { reply } = await agent.request(`hubapi.CONSUMER.MSG.NEXT.KV_assign.${consumer}`, JSON.stringify({ batch: 1, no_wait: true }), { noMux: true, timeout: 5000 });
    return reply === "" ? undefined : reply;
  });
}

/** Until NATS has dealt with all that an agent asked: each of its queues answers what came later later. */
async function settled(agent: NatsConnection, cluster: string, kind: Kind): Promise<void> {
  if (kind === "working") {
    await agent.request(await firstDelivery(agent, cluster), "+ACK");
    await agent.request(resultSubject(3, cluster), "true, the last");
  }
  await agent.flush();
  await stage.hub.flush();
}

/** Uses one right of an agent in all ways, with the answer to go to a place of another one. */
function attack(agent: NatsConnection, right: string, place: string): void {
  for (const { subject, payload } of requestsBy(right, place)) agent.publish(subject, payload, { reply: place });
}

describe("F16: the credentials of one cluster's agent", () => {
  it.each(PAIRS)("of %s may publish and subscribe to nothing around %s, and nothing of it arrives anywhere", async (own, other) => {
    const before = { stored: await stored(stage.hub), machinery: await machinery(stage.hub) };
    const everyAgent = await stage.everyAgent();
    const heard = [listen(stage.hub, ">"), listen(everyAgent, ">")];
    await Promise.all([stage.hub.flush(), everyAgent.flush()]);
    const attempts = subjectsAround(other);
    for (const kind of KINDS) {
      const agent = await stage.agent(own, kind);
      const refused = refusalsOf(agent);
      for (const subject of attempts) {
        agent.publish(subject, `forged by ${kind}`);
        agent.subscribe(subject);
      }
      await agent.flush();
      const wanted = attempts.flatMap((subject) => [`publish ${subject}`, `subscribe ${subject}`]);
      await waitUntil({ what: "the refusals", timeoutMs: 10_000 }, () => refused.size >= wanted.length).catch(() => undefined);
      expect(wanted.filter((attempt) => !refused.has(attempt))).toEqual([]);
    }
    await Promise.all([stage.hub.flush(), everyAgent.flush()]);
    expect(heard.flat().filter(({ text }) => text.includes("forged"))).toEqual([]);
    expect({ stored: await stored(stage.hub), machinery: await machinery(stage.hub) }).toEqual(before);
  });

  it.each(PAIRS)("of %s stores nothing and is heard nowhere as %s, by any reply, payload or header of what it may publish", async (own, other) => {
    const ofOther = names(other);
    const mine = resultSubject(3, own);
    const others = async (): Promise<unknown> => [
      [...(await stored(stage.hub))].filter(([subject]) => subject !== mine),
      [...(await machinery(stage.hub))].filter(([name]) => name !== `consumer ${agentConsumer(own, 0)}`),
    ];
    const before = await others();
    const heard = listen(stage.hub, ">");
    await stage.hub.flush();
    // What is around every cluster is tried once.
    const known = new Set(other === "us-1" ? [] : subjectsAround("us-1"));
    const targets = [undefined, ...subjectsAround(other).filter((subject) => !known.has(subject))];
    let sent = 0;
    for (const kind of KINDS) {
      const agent = await stage.agent(own, kind);
      const rights = PERMISSIONS[kind](own).publish;
      for (const target of targets) {
        for (const { subject, payload, headers } of everyWay(rights, target)) agent.publish(subject, payload, { ...(target !== undefined && { reply: target }), ...headers });
        await agent.flush();
        sent += 1;
      }
      await settled(agent, own, kind);
    }
    expect(sent).toBeGreaterThan(200);
    expect(heard.filter(({ subject }) => subject === `hb.${own}`).length).toBeGreaterThan(50);
    expect(heard.filter(ofOther)).toEqual([]);
    expect(await others()).toEqual(before);
  });

  it("lets what answers it arrive in another agent's inbox, and nothing else: the one thing that NATS does not prevent", async () => {
    const serving = stage.hub.subscribe(ENROL_SUBJECTS, { callback: (_error, message) => void message.respond("answered") });
    const renewing = stage.hub.subscribe(RENEW_SUBJECTS, { callback: (_error, message) => void message.respond("answered") });
    await stage.hub.flush();
    const inboxes = [agentInboxPrefix("us-1"), joinInboxPrefix("us-1")];
    const victims = await Promise.all(KINDS.map((kind) => stage.agent("us-1", kind)));
    const heard = victims.map((victim, index) => listen(victim, `${KINDS[index] === "join" ? joinInboxPrefix("us-1") : agentInboxPrefix("us-1")}.>`));
    await Promise.all(victims.map((victim) => victim.flush()));
    const rights = KINDS.flatMap((kind) => PERMISSIONS[kind]("eu-1").publish.map((right) => ({ kind, right })));
    for (const kind of KINDS) {
      const agent = await stage.agent("eu-1", kind);
      if (kind === "working") await firstDelivery(agent, "eu-1");
      for (const [index, { right }] of rights.entries()) {
        if (rights[index]?.kind === kind) inboxes.forEach((inbox) => attack(agent, right, `${inbox}.${index}`));
      }
      await settled(agent, "eu-1", kind);
    }
    const arrived = (): string[] => [...new Set(heard.flat().map(({ subject }) => rights[Number(subject.split(".").at(-1))]?.right ?? subject))].toSorted();
    // What its own consumer delivers to it comes by the subjects of its own cluster.
    const delivered = [headSubject("eu-1"), assignmentSubject("eu-1", UID)];
    const wanted = [...new Set([...rights.map(({ right }) => right), ...delivered])].filter((right) => right !== "hb.eu-1").toSorted();
    await waitUntil({ what: "the answers", timeoutMs: 10_000 }, () => arrived().length >= wanted.length).catch(() => undefined);
    expect(arrived()).toEqual(wanted);
    serving.unsubscribe();
    renewing.unsubscribe();
  });

  it("is one of two in its cluster that NATS cannot tell apart: both speak for it", async () => {
    const [one, two] = [await stage.agent("eu-1", "working"), await stage.agent("eu-1", "working")];
    for (const agent of [one, two]) expect((await agent.request(resultSubject(3, "eu-1"), "{}")).json<unknown>()).toMatchObject({ stream: "results" });
  });

  it("belongs to an account without JetStream, that imports what it needs and nothing twice", async () => {
    const everyAgent = await stage.everyAgent();
    expect((await everyAgent.request("$JS.API.INFO")).json<unknown>()).toMatchObject({ error: { code: 503 } });
    const { AGENTS, HUB } = stage.nats.nats.installation.accounts;
    const system = await stage.system();
    const jetstream = (await system.request("$SYS.REQ.SERVER.PING.JSZ", JSON.stringify({ accounts: true }))).json<unknown>();
    expect(listAt(jetstream, "data", "account_details").map((account) => textAt(account, "id"))).toEqual([HUB.publicKey]);
    const account = (await system.request("$SYS.REQ.SERVER.PING.ACCOUNTZ", JSON.stringify({ account: AGENTS.publicKey }))).json<unknown>();
    const imports = listAt(account, "data", "account_detail", "imports").map((one) => textAt(one, "local_subject") ?? textAt(one, "subject"));
    expect(at(account, "data", "account_detail", "jetstream_enabled")).toBe(false);
    expect(imports.length).toBeGreaterThan(0);
    expect(new Set(imports).size).toBe(imports.length);
  });
});

describe("F17: an agent", () => {
  it("takes no notice of what another one has sent into the inbox that it reads by", async () => {
    const everyAgent = await stage.everyAgent();
    const inboxes: string[] = [];
    everyAgent.subscribe(`hubapi.CONSUMER.MSG.NEXT.KV_assign.${agentConsumer("us-1", 0)}`, { callback: (_error, { reply }) => void inboxes.push(reply ?? "") });
    await everyAgent.flush();
    const victim = await connectAgentLink(await stage.settings("us-1", "working"), { cluster: "us-1", ordinal: 0 });
    onTestFinished(() => victim.close());
    const read: string[] = [];
    await victim.assignments.reset();
    const reading = victim.assignments.read(({ message: { subject }, startsOver }) => void read.push(`${startsOver ? "from the first: " : ""}${subject}`));
    const own = [headSubject("us-1"), assignmentSubject("us-1", UID)];
    await waitUntil({ what: "its own assignments", timeoutMs: 10_000 }, () => read.length === own.length);

    const [inbox = ""] = inboxes;
    const arrived = listen(everyAgent, inbox);
    await everyAgent.flush();
    const attacker = await stage.agent("eu-1", "working");
    await firstDelivery(attacker, "eu-1");
    for (const right of PERMISSIONS.working("eu-1").publish) attack(attacker, right, inbox);
    await settled(attacker, "eu-1", "working");
    await waitUntil({ what: "the attack", timeoutMs: 10_000 }, () => arrived.some(names("eu-1")) && arrived.some(({ text }) => text.includes("results")));
    const newer = assignmentSubject("us-1", OTHER_UID);
    await stage.hub.request(newer, "true, and newer");
    await waitUntil({ what: "what is newer", timeoutMs: 10_000 }, () => read.some((line) => line.endsWith(newer)));
    expect(read).toEqual([...own, newer]);
    expect(victim.refused).toBe(false);
    victim.assignments.stop();
    expect(await reading).toBe("stopped");
  });

  it("waits for the hub's own answer to its question, whatever else comes in its place before", async () => {
    const { signing, sealing } = await readHubKeys(stage.nats.nats.keysDir);
    const cluster = "us-1";
    const subject = renewSubject(cluster);
    const answer = (reason: string, nonce: string): Uint8Array => encodeIdentityAnswer(cluster, { nonce, state: "waiting", reason, hubKey: signing.publicKey, hubSealingKey: sealing.publicKey });
    const forger = await stage.everyAgent();
    const forged = Promise.withResolvers<undefined>();
    forger.subscribe(subject, {
      callback: (_error, { data, reply = "" }) => {
        const { nonce } = parseRenewRequest(cluster, data);
        const inTime = answer("forged", nonce);
        const late = answer("forged", "A".repeat(32));
        forger.publish(reply, inTime);
        forger.publish(reply, inTime, { headers: signedHeaders(newSigningKey("hub").key, subject, inTime) });
        forger.publish(reply, inTime, { headers: signedHeaders(signing, renewSubject("eu-1"), inTime) });
        forger.publish(reply, late, { headers: signedHeaders(signing, subject, late) });
        void forger.flush().then(() => forged.resolve(undefined));
      },
    });
    await forger.flush();
    const stop = serveIdentity(stage.hub, signing, { clock: systemClock, answer: async ({ payload }) => (await forged.promise, answer("the hub's", parseRenewRequest(cluster, payload).nonce)) });
    onTestFinished(stop);
    await stage.hub.flush();
    const { jwt, seed } = await stage.credentials(cluster, "resting");
    const { url, caFile } = stage.nats.nats;
    const conversation = new Conversation({ cluster, caFile, clock: systemClock });
    const identity = { v: 1 as const, cluster, ...newKeys(), agentSeed: seed, servers: [url], hubKey: signing.publicKey, hubSealingKey: sealing.publicKey };
    expect(await conversation.renew(identity, jwt)).toMatchObject({ state: "waiting", reason: "the hub's" });
  });
});
