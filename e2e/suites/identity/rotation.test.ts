import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeJoinToken, Minter, readHubKeys } from "@sightline/hub/identity";
import { systemClock } from "@sightline/shared";
import { readClaims } from "@sightline/shared/identity";
import { connectAgentLink, connectNats, credsFile, type NatsConnection, serveIdentity } from "@sightline/shared/nats";
import { silentLogger } from "@sightline/shared/telemetry";
import { agentInboxPrefix } from "@sightline/shared/wire";
import { afterAll, describe, expect, it } from "vitest";
import { RecordingAuditLog } from "../../../hub/src/audit/testing.ts";
import { RevocationBook } from "../../../hub/src/enrolment/revocation-book.ts";
import { IdentityService } from "../../../hub/src/enrolment/service.ts";
import { MemoryRegistrations, MemoryRevocations } from "../../../hub/src/enrolment/testing.ts";
import { registration } from "../../../hub/src/testing/objects.ts";
import { extent } from "../../kit/extent.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type Nats, startNats } from "../../sandbox/mod.ts";
import { needsServers } from "../../sandbox/test-needs.ts";
import { fastClock, LoneIdentity } from "./support.ts";

const CLUSTER = "eu-1";
/** Credentials live so long: shorter than the 30 s of an installation under test, so that many end while this runs. */
const LIFE_S = 5;
const ROTATIONS = extent({ everyRun: 20, long: 100 });
/** Agents live forty times as fast: half the life of their credentials is over in a sixteenth of a second. */
const SPEED = 40;

let dir = "";
let nats: Nats | undefined;
let hub: NatsConnection | undefined;
let endServing = (): void => undefined;
const registrations = new MemoryRegistrations();

needsServers(async () => {
  dir = await mkdtemp(join(tmpdir(), "sightline-rotation-"));
  nats = await startNats({ dir: join(dir, "nats"), clusters: [CLUSTER] });
  const { url, caFile, hubCredsFile, keysDir } = nats.nats;
  const keys = await readHubKeys(keysDir);
  hub = await connectNats({ servers: [url], caFile, credentials: credsFile(hubCredsFile), name: "test-hub" });
  const book = new RevocationBook(new MemoryRevocations(), () => Math.floor(systemClock.now() / 1000));
  const minter = new Minter({ agents: keys.installation.accounts.AGENTS.publicKey, agentsSigningSeed: keys.agentsSigningSeed });
  registrations.objects.set(CLUSTER, registration(CLUSTER));
  const service = new IdentityService({
    registrations,
    known: () => [],
    book,
    minter,
    keys,
    audit: new RecordingAuditLog(),
    clock: systemClock,
    logger: silentLogger,
    onRevoked: () => undefined,
    onReplaced: () => undefined,
    lifetimes: { join: 600, resting: 600, working: LIFE_S },
  });
  // What an agent may ask is measured by time, too.
  endServing = serveIdentity(hub, keys.signing, { clock: fastClock(SPEED, () => 0), answer: (question) => service.answer(question) });
});

afterAll(async () => {
  endServing();
  await hub?.close();
  await nats?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function agent(wrongBy: () => number): Promise<LoneIdentity> {
  const keys = await readHubKeys(nats?.nats.keysDir ?? "");
  const { status: _, ...fresh } = registration(CLUSTER);
  registrations.objects.set(CLUSTER, fresh);
  const lone = await LoneIdentity.start(await makeJoinToken(keys, CLUSTER, Math.floor(systemClock.now() / 1000) + 600), fastClock(SPEED, wrongBy));
  await waitUntil({ what: "working credentials", timeoutMs: 30_000 }, () => lone.identity.missing === undefined);
  return lone;
}

describe("F13: credentials that end soon", () => {
  it(`are renewed ${ROTATIONS} times by an agent whose clock is 10 minutes ahead and then 10 behind, and its connection comes back each time that a server ends it`, { timeout: 300_000 }, async () => {
    const seen = new Set<string>();
    await using lone = await agent(() => (seen.size < ROTATIONS / 2 ? 600_000 : -600_000));
    const link = await connectAgentLink({ ...lone.identity.settings, name: "agent" }, { cluster: CLUSTER, ordinal: 0, key: () => lone.identity.signingKey });
    let ended = 0;
    link.watch({ connection: (connected) => void (ended += connected ? 0 : 1), error: () => undefined });
    await waitUntil({ what: `${ROTATIONS} rotations, and two ends of a connection`, timeoutMs: 240_000, everyMs: 5 }, () => {
      seen.add(lone.store.stored?.working ?? "");
      return seen.size > ROTATIONS && ended >= 2;
    });
    await waitUntil({ what: "the connection to be back", timeoutMs: 30_000 }, () => link.connected);
    const { iat, exp = 0 } = readClaims(lone.store.stored?.working ?? "");
    // A second may have begun between one and the other.
    expect([LIFE_S, LIFE_S - 1]).toContain(exp - iat);
    await link.close();
  });

  it("may be refused twice in a row without ending the client", async () => {
    await using lone = await agent(() => 0);
    const { credentials, ...place } = lone.identity.settings;
    const live = credentials();
    let wrong = 0;
    let refused = 0;
    const flaky = {
      get current() {
        return wrong > 0 ? { jwt: "a.b.c", seed: live.current.seed } : live.current;
      },
      renew: () => {
        if (wrong > 0) refused += 1;
        wrong = Math.max(0, wrong - 1);
        return live.renew();
      },
    };
    const connection = await connectNats({ ...place, credentials: () => flaky, name: "agent", inboxPrefix: agentInboxPrefix(CLUSTER) });
    wrong = 4;
    await connection.reconnect();
    await waitUntil({ what: "refusals, and a connection after them", timeoutMs: 60_000 }, async () => {
      await connection.flush();
      return refused >= 3 && !connection.isClosed();
    });
    await connection.close();
  });
});
