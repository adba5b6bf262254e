import type { AccountOnServer, SystemLink } from "@sightline/shared/nats";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { decode } from "@nats-io/jwt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HubKeys, hubKeysIn } from "../identity/hub-keys.ts";
import { makeInstallation } from "../identity/installation.ts";
import { RevocationBook } from "./revocation-book.ts";
import { Revoker } from "./revoker.ts";
import { MemoryRevocations } from "./testing.ts";

/** Servers that take what is pushed, unless they are away; each keeps what it has. */
class Servers implements SystemLink {
  readonly held = new Map<string, string>();
  readonly away = new Set<string>();
  pushed = 0;
  back: () => void = () => undefined;

  async account(): Promise<AccountOnServer[]> {
    return [...this.held].filter(([server]) => !this.away.has(server)).map(([server, jwt]) => ({ server, id: server, jwt, revoked: revokedIn(jwt) }));
  }

  async push(jwt: string): Promise<string[]> {
    this.pushed += 1;
    const there = [...this.held.keys()].filter((server) => !this.away.has(server));
    for (const server of there) this.held.set(server, jwt);
    return there;
  }

  onReconnect(listener: () => void): void {
    this.back = listener;
  }

  async close(): Promise<void> {}

  has(server: string, key: string): boolean {
    return revokedIn(this.held.get(server) ?? "").has(key);
  }
}

function revokedIn(jwt: string): Map<string, number> {
  return jwt === "" ? new Map<string, number>() : new Map(Object.entries(decode<{ revocations?: Record<string, number> }>(jwt).nats.revocations ?? {}));
}

const KEY = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
let keys: HubKeys;
let clock: ManualClock;
let servers: Servers;
let book: RevocationBook;
let revoker: Revoker;

beforeEach(async () => {
  keys = hubKeysIn((await makeInstallation({ servers: ["tls://nats:4222"] })).keys, "/keys");
  clock = new ManualClock();
  servers = new Servers();
  for (const name of ["a", "b"]) servers.held.set(name, keys.installation.accounts.AGENTS.jwt);
  book = new RevocationBook(new MemoryRevocations(), () => Math.floor(clock.now() / 1000));
  revoker = new Revoker({ book, keys, connect: async () => servers, clock, random: () => 0.5, logger: silentLogger });
  revoker.start();
  await clock.advance(100);
});

afterEach(() => revoker.stop());

async function revoke(): Promise<void> {
  const now = Math.floor(clock.now() / 1000);
  await book.add([{ key: KEY, cluster: "eu-1", revokedAt: now, until: now + 3600 }]);
  revoker.nudge();
}

/** Signing takes turns of the event loop, not time. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !condition(); turn += 1) await clock.advance(200);
  expect(condition()).toBe(true);
}

describe("the revoker", () => {
  it("pushes nothing while every server has all there is", async () => {
    await clock.advance(60_000);
    expect(servers.pushed).toBe(0);
  });

  it("tells every server at once what is revoked", async () => {
    await revoke();
    await until(() => servers.has("a", KEY) && servers.has("b", KEY));
    expect(servers.pushed).toBe(1);
  });

  it("finds a server that was away when it is back with what it had", async () => {
    servers.away.add("b");
    await revoke();
    await until(() => servers.has("a", KEY));
    expect(servers.has("b", KEY)).toBe(false);
    servers.away.delete("b");
    await until(() => servers.has("b", KEY));
  });

  it("looks at once when its own connection is back", async () => {
    await revoke();
    await until(() => servers.has("a", KEY));
    servers.held.set("a", keys.installation.accounts.AGENTS.jwt);
    servers.back();
    await until(() => servers.has("a", KEY));
  });

  it("goes on after a failure", async () => {
    servers.push = async () => {
      servers.push = Servers.prototype.push.bind(servers);
      throw new Error("no server took it");
    };
    await revoke();
    await until(() => servers.has("a", KEY));
  });
});
