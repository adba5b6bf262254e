import { systemClock } from "@sightline/shared";
import { readClaims, newSigningKey, type SigningKey } from "@sightline/shared/identity";
import { ManualClock } from "@sightline/shared/testing";
import { type IdentityAnswer, parseIdentityAnswer } from "@sightline/shared/wire";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RecordingAuditLog } from "../audit/testing.ts";
import { type HubKeys, hubKeysIn } from "../identity/hub-keys.ts";
import { makeInstallation } from "../identity/installation.ts";
import { Minter } from "../identity/minting.ts";
import { registration } from "../testing/objects.ts";
import { silentLogger } from "@sightline/shared/telemetry";
import { RevocationBook } from "./revocation-book.ts";
import { missingRevocations } from "./revocations.ts";
import { IdentityService } from "./service.ts";
import { MemoryRegistrations, MemoryRevocations, TestAgent } from "./testing.ts";

interface Token {
  jwt: string;
  key: SigningKey;
}

let keys: HubKeys;
let foreign: HubKeys;
beforeAll(async () => {
  [keys, foreign] = [await madeKeys(), await madeKeys()];
});

async function madeKeys(): Promise<HubKeys> {
  return hubKeysIn((await makeInstallation({ servers: ["tls://nats:4222"] })).keys, "/keys");
}

class World {
  // The library that mints knows no other clock than the machine's.
  readonly clock = new ManualClock(systemClock.now());
  readonly registrations = new MemoryRegistrations();
  readonly revocations = new MemoryRevocations();
  readonly book = new RevocationBook(this.revocations, () => this.nowSeconds);
  readonly audit = new RecordingAuditLog();
  readonly replaced: string[] = [];
  revoked = 0;
  readonly service = new IdentityService({
    registrations: this.registrations,
    known: () => [...this.registrations.objects.values()],
    book: this.book,
    minter: minterOf(keys),
    keys,
    audit: this.audit,
    clock: this.clock,
    logger: silentLogger,
    onRevoked: () => (this.revoked += 1),
    onReplaced: ({ metadata }) => this.replaced.push(metadata.name),
  });

  constructor() {
    for (const name of ["prod", "prod-eu"]) this.registrations.objects.set(name, registration(name));
  }

  get nowSeconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  async token(cluster = "prod", { by = keys, expiresIn = 3600, kind = "join" as const }: { by?: HubKeys; expiresIn?: number; kind?: "join" | "resting" } = {}): Promise<Token> {
    const { key } = newSigningKey("agent");
    return { jwt: await minterOf(by).mint({ kind, cluster, publicKey: key.publicKey, expiresAt: this.nowSeconds + expiresIn }), key };
  }

  async ask(question: Parameters<IdentityService["answer"]>[0]): Promise<IdentityAnswer | undefined> {
    const answer = await this.service.answer(question);
    return answer === undefined ? undefined : parseIdentityAnswer(question.cluster, answer);
  }

  /** An agent that has enrolled, and asked once. */
  async enrolled(cluster = "prod"): Promise<TestAgent> {
    const agent = new TestAgent();
    expect(await this.ask(agent.enrol(cluster, await this.token(cluster)))).toMatchObject({ state: "waiting" });
    return agent;
  }
}

function minterOf({ installation, agentsSigningSeed }: HubKeys): Minter {
  return new Minter({ agents: installation.accounts.AGENTS.publicKey, agentsSigningSeed });
}

let world: World;
beforeEach(() => {
  world = new World();
});

describe("an agent with a join token", () => {
  it("enrols: its keys are pinned, and it may ask from then on", async () => {
    const agent = new TestAgent();
    const token = await world.token();
    const answer = await world.ask(agent.enrol("prod", token));
    expect(answer).toMatchObject({ state: "waiting", hubKey: keys.signing.publicKey, hubSealingKey: keys.sealing.publicKey });
    expect(answer?.working).toBeUndefined();
    expect(readClaims(answer?.resting ?? "")).toMatchObject({ sub: agent.key.publicKey, name: "resting-prod" });
    const { status, spec } = world.registrations.objects.get("prod") ?? registration("none");
    expect(status).toMatchObject({ publicKey: agent.key.publicKey, connectionKey: agent.connection.publicKey, sealingKey: agent.sealingKey, enrolment: { tokenKey: token.key.publicKey } });
    expect(spec.accepted).toBe(true);
    expect(world.audit.entries).toMatchObject([{ operation: "enrol", outcome: "Success", clusters: ["prod"], user: { uid: agent.key.publicKey } }]);
  });

  it("may ask again when the answer was lost, until it used what it got", async () => {
    const agent = new TestAgent();
    const token = await world.token();
    for (let time = 0; time < 2; time += 1) expect((await world.ask(agent.enrol("prod", token)))?.state).toBe("waiting");
    expect((await world.ask(agent.renew("prod")))?.state).toBe("working");
    expect(world.revocations.stored.list.map(({ key }) => key)).toEqual([token.key.publicKey]);
  });

  it("of two that race with one token, one gets through", async () => {
    const [a, b] = [new TestAgent(), new TestAgent()];
    const token = await world.token();
    const states = await Promise.all([a, b].map(async (agent) => (await world.ask(agent.enrol("prod", token)))?.state));
    expect(new Set(states)).toEqual(new Set(["refused", "waiting"]));
  });

  it("that takes another agent's place shuts that one out, and has to be accepted", async () => {
    const former = await world.enrolled();
    expect((await world.ask(former.renew("prod")))?.state).toBe("working");
    const agent = new TestAgent();
    expect((await world.ask(agent.enrol("prod", await world.token())))?.state).toBe("waiting");
    expect(world.registrations.objects.get("prod")).toMatchObject({ spec: { accepted: false }, status: { publicKey: agent.key.publicKey, enrolment: { replacedKey: former.key.publicKey } } });
    expect(world.revocations.stored.list.map(({ key }) => key)).toEqual(expect.arrayContaining([former.key.publicKey, former.connection.publicKey]));
    expect(world.replaced).toEqual(["prod"]);
    expect((await world.ask(former.renew("prod")))?.state).toBe("refused");
    expect((await world.ask(agent.renew("prod")))?.state).toBe("waiting");
    world.registrations.accept("prod");
    expect((await world.ask(agent.renew("prod")))?.state).toBe("working");
  });

  it("is not served while the audit log cannot be written", async () => {
    world.audit.failure = new Error("disk full");
    expect(await world.ask(new TestAgent().enrol("prod", await world.token()))).toBeUndefined();
    expect(world.registrations.objects.get("prod")?.status?.publicKey).toBeUndefined();
  });
});

describe("F15: a forged registration", () => {
  const cases: [string, (agent: TestAgent) => Promise<Parameters<World["ask"]>[0]>, string][] = [
    ["a token of another cluster whose name begins alike", async (agent) => agent.enrol("prod", await world.token("prod-eu")), "token"],
    ["a token of a cluster whose name is the beginning", async (agent) => agent.enrol("prod-eu", await world.token("prod")), "token"],
    ["a token of another installation", async (agent) => agent.enrol("prod", await world.token("prod", { by: foreign })), "token"],
    ["credentials that are no join token", async (agent) => agent.enrol("prod", await world.token("prod", { kind: "resting" })), "token"],
    ["a token that has expired", async (agent) => agent.enrol("prod", await world.token("prod", { expiresIn: -1 })), "token"],
    ["a token that somebody else holds", async (agent) => agent.enrol("prod", { ...(await world.token()), key: newSigningKey("agent").key }), "signature"],
    ["a connection key that it cannot sign by", async (agent) => ({ ...agent.enrol("prod", await world.token()), isSignedBy: (_, as) => as !== "connection" }), "signature"],
    ["another agent's key", async (agent) => ({ ...agent.enrol("prod", await world.token()), isSignedBy: (_, as) => as === "token" }), "signature"],
    ["a cluster that is not registered", async (agent) => agent.enrol("dev", await world.token("dev")), "registration"],
    ["a payload that speaks of another cluster", async (agent) => agent.enrol("prod", await world.token(), "prod-eu"), "message"],
  ];

  it.each(cases)("by %s is refused, each time, and told to the audit log", async (_name, make, rule) => {
    const question = await make(new TestAgent());
    for (let time = 0; time < 3; time += 1) expect((await world.ask(question))?.state ?? "refused").toBe("refused");
    expect(world.audit.entries.map((entry) => [entry.operation, entry.rule])).toEqual(Array.from({ length: 3 }, () => ["enrol", rule]));
    expect(world.audit.outcomes).not.toContain("Success");
    for (const { status } of world.registrations.objects.values()) expect(status?.publicKey).toBeUndefined();
  });

  it("by a token that was used is refused, also after its registration was made anew", async () => {
    const token = await world.token();
    const agent = new TestAgent();
    await world.ask(agent.enrol("prod", token));
    expect((await world.ask(new TestAgent().enrol("prod", token)))?.reason).toMatch(/^the join token was used already; .* sightline join-command prod --renew$/);
    const deleted = { ...(world.registrations.objects.get("prod") ?? registration("prod")) };
    deleted.metadata = { ...deleted.metadata, deletionTimestamp: new Date(world.clock.now()).toISOString() };
    await world.book.add(missingRevocations(deleted, world.book.list ?? [], world.nowSeconds));
    world.registrations.objects.set("prod", registration("prod"));
    expect((await world.ask(new TestAgent().enrol("prod", token)))?.state).toBe("refused");
    expect((await world.ask(agent.enrol("prod", await world.token())))?.reason).toContain("a key that was revoked cannot be used again");
  });
});

describe("F15: who enrols by another cluster's keys", () => {
  it("is refused, so that nothing of that cluster's is ever revoked for what befalls this one", async () => {
    const victim = await world.enrolled("prod");
    expect((await world.ask(victim.renew("prod")))?.state).toBe("working");
    for (const stolen of [{ connection: victim.key }, { connection: victim.connection }, { agent: victim.key }, { agent: victim.connection }]) {
      const thief = new TestAgent(stolen);
      // Were the thief able to sign by it, as the victim's own administrator is, it is refused all the same.
      expect(await world.ask(thief.enrol("prod-eu", await world.token("prod-eu")))).toMatchObject({ state: "refused", reason: "another cluster has one of the keys: each agent has to make its own" });
    }
    expect(world.registrations.objects.get("prod-eu")?.status?.publicKey).toBeUndefined();
    expect((await world.ask(victim.renew("prod")))?.state).toBe("working");
  });

  it("may name its sealing key, which is of no use to it, and keeps it from nothing", async () => {
    const victim = await world.enrolled("prod");
    const thief = new TestAgent({ sealingKey: victim.sealingKey });
    expect((await world.ask(thief.enrol("prod-eu", await world.token("prod-eu"))))?.state).toBe("waiting");
    expect((await world.ask(victim.enrol("prod", await world.token("prod"))))?.state).toBe("waiting");
  });
});

describe("F15: a token whose agent was replaced before it asked", () => {
  it("is worth nothing any more", async () => {
    const [first, second] = [await world.token(), await world.token()];
    await world.ask(new TestAgent().enrol("prod", first));
    const agent = new TestAgent();
    expect((await world.ask(agent.enrol("prod", second)))?.state).toBe("waiting");
    expect((await world.ask(new TestAgent().enrol("prod", first)))?.reason).toContain("the join token was used already");
    expect(world.registrations.objects.get("prod")?.status?.publicKey).toBe(agent.key.publicKey);
  });

  it("nor when the same agent came by another one", async () => {
    const [first, second] = [await world.token(), await world.token()];
    const agent = new TestAgent();
    for (const token of [first, second]) expect((await world.ask(agent.enrol("prod", token)))?.state).toBe("waiting");
    expect((await world.ask(new TestAgent().enrol("prod", first)))?.reason).toContain("the join token was used already");
    expect((await world.ask(agent.renew("prod")))?.state).toBe("working");
  });
});

describe("F15: a forged renewal", () => {
  it.each<[string, (own: TestAgent, other: TestAgent) => Parameters<World["ask"]>[0], string]>([
    ["an unknown key", () => new TestAgent().renew("prod"), "unknown-key"],
    ["the key of another cluster", (_own, other) => other.renew("prod"), "unknown-key"],
    ["the own key, asked for another cluster", (own) => own.renew("prod-eu"), "unknown-key"],
    ["another one's signature", (own, other) => own.renew("prod", "prod", other.key), "signature"],
    ["a payload that speaks of another cluster", (own) => own.renew("prod", "prod-eu"), "message"],
  ])("by %s is refused, and told to the audit log", async (_name, make, rule) => {
    const [own, other] = [await world.enrolled("prod"), await world.enrolled("prod-eu")];
    const question = make(own, other);
    for (let time = 0; time < 3; time += 1) {
      const answer = await world.ask(question);
      expect(answer?.state ?? "refused").toBe("refused");
      expect(answer?.working ?? answer?.resting).toBeUndefined();
    }
    expect(world.audit.entries.slice(2).map((entry) => [entry.operation, entry.rule])).toEqual(Array.from({ length: 3 }, () => ["renew", rule]));
  });

  it("is refused for a registration that is gone, or going", async () => {
    const agent = await world.enrolled();
    const { metadata, ...rest } = world.registrations.objects.get("prod") ?? registration("prod");
    world.registrations.objects.set("prod", { ...rest, metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
    expect((await world.ask(agent.renew("prod")))?.reason).toBe("ClusterRegistration prod is being deleted");
    world.registrations.objects.delete("prod");
    expect((await world.ask(agent.renew("prod")))?.reason).toBe("there is no ClusterRegistration prod");
  });

  it("is never answered with working credentials to any key but the pinned one", async () => {
    const agent = await world.enrolled();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("prod", "prod-eu"), fc.constantFrom("prod", "prod-eu"), fc.boolean(), fc.boolean(), async (cluster, said, known, signs) => {
        const asker = known ? agent : new TestAgent();
        const answer = await world.ask(asker.renew(cluster, said, signs ? asker.key : newSigningKey("agent").key));
        expect(answer?.working !== undefined).toBe(cluster === "prod" && said === "prod" && known && signs);
      }),
      { numRuns: 40 },
    );
  });
});

describe("who floods the hub", () => {
  it("leaves a line a minute in the audit log, with their number, and hides nobody else's", async () => {
    const flood = { ...new TestAgent().renew("prod"), payload: new TextEncoder().encode("x") };
    for (let n = 0; n < 2000; n += 1) {
      await world.ask(flood);
      world.service.dropped({ verb: "renew", cluster: "prod" });
    }
    await world.ask(new TestAgent().renew("prod"));
    const told = world.audit.entries.map(({ rule }) => rule);
    expect(told).toEqual(["message", "rate", "message", "rate", "message", "rate", "unknown-key"]);
    await world.clock.advance(60_000);
    expect(world.audit.entries.slice(7)).toMatchObject([{ rule: "message", count: 1997 }, { rule: "rate", count: 1997, outcome: "Forbidden", clusters: ["prod"] }]);
    await world.ask(flood);
    await world.service.stop();
    expect(world.audit.entries.at(-1)).toMatchObject({ rule: "message", count: 1 });
  });
});

describe("an agent that is known", () => {
  it("waits while its cluster is not accepted, and works when it is: what it is given is written down first", async () => {
    const agent = await world.enrolled();
    world.registrations.accept("prod", false);
    expect(await world.ask(agent.renew("prod"))).toMatchObject({ state: "waiting", reason: "ClusterRegistration prod is not accepted: spec.accepted must be true" });
    world.registrations.accept("prod");
    const answer = await world.ask(agent.renew("prod"));
    const claims = readClaims(answer?.working ?? "");
    expect(claims).toMatchObject({ sub: agent.connection.publicKey, name: "working-prod" });
    expect(Date.parse(world.registrations.objects.get("prod")?.status?.enrolment?.credentialsIssuedTime ?? "") / 1000).toBe(claims.iat);
    expect(world.audit.entries.at(-1)).toMatchObject({ operation: "renew", outcome: "Success" });
  });

  it("is given the same when it asks again at once, for which nothing is written", async () => {
    const agent = await world.enrolled();
    const first = await world.ask(agent.renew("prod"));
    const [before, lines] = [world.registrations.objects.get("prod"), world.audit.entries.length];
    for (let time = 0; time < 3; time += 1) expect((await world.ask(agent.renew("prod")))?.working).toBe(first?.working);
    expect(world.registrations.objects.get("prod")).toBe(before);
    expect(world.audit.entries).toHaveLength(lines);
    await world.clock.advance(60_000);
    expect((await world.ask(agent.renew("prod")))?.working).not.toBe(first?.working);
    expect(world.audit.entries).toHaveLength(lines + 1);
  });

  it("is never given what was made void since", async () => {
    const agent = await world.enrolled();
    const first = await world.ask(agent.renew("prod"));
    const { iat } = readClaims(first?.working ?? "");
    await world.book.add([{ key: agent.connection.publicKey, cluster: "prod", revokedAt: iat, until: iat + 3600 }]);
    await world.clock.advance(Math.max(1000, (iat + 1) * 1000 - world.clock.now()));
    const second = await world.ask(agent.renew("prod"));
    expect(second?.state).toBe("working");
    expect(second?.working).not.toBe(first?.working);
  });

  it("gets nothing when acceptance is taken back in the very moment of issuing", async () => {
    const agent = await world.enrolled();
    world.registrations.between = () => {
      world.registrations.between = () => undefined;
      world.registrations.accept("prod", false);
    };
    expect(await world.ask(agent.renew("prod"))).toMatchObject({ state: "waiting" });
  });

  it("gets other credentials after it was shut out and accepted again, once those could not be void", async () => {
    const agent = await world.enrolled();
    await world.ask(agent.renew("prod"));
    world.registrations.accept("prod", false);
    const shut = world.registrations.objects.get("prod") ?? registration("prod");
    await world.book.add(missingRevocations(shut, world.book.list ?? [], world.nowSeconds));
    expect(missingRevocations(shut, world.book.list ?? [], world.nowSeconds + 5)).toEqual([]);
    world.registrations.accept("prod");
    expect(await world.ask(agent.renew("prod"))).toMatchObject({ state: "waiting", reason: "it was accepted a moment ago" });
    await world.clock.advance(10_000);
    expect((await world.ask(agent.renew("prod")))?.state).toBe("working");
  });
});
