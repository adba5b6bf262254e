import type { AccountOnServer, SystemLink } from "@sightline/shared/nats";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { hubKeysIn } from "../identity/hub-keys.ts";
import { makeInstallation } from "../identity/installation.ts";
import { RevocationBook } from "./revocation-book.ts";
import { Revoker } from "./revoker.ts";
import { MemoryRevocations } from "./testing.ts";

const NOW = Date.UTC(2026, 0, 1);
const GONE = { key: `U${"A".repeat(55)}`, cluster: "eu-1", revokedAt: NOW / 1000 - 60, until: NOW / 1000 + 3600 };

/** Two servers that store what is pushed. No agent is connected to one of them, so that it has not loaded the account. */
class Servers implements SystemLink {
  pushes = 0;
  looks = 0;
  idleId = "idle-1";
  #busy = "";

  async account(): Promise<AccountOnServer[]> {
    this.looks += 1;
    const revoked = new Map(this.#busy === "" ? [] : [[GONE.key, GONE.revokedAt] as const]);
    return [
      { server: "busy", id: "busy-1", jwt: this.#busy, revoked },
      { server: "idle", id: this.idleId, jwt: "", revoked: new Map() },
    ];
  }

  async push(jwt: string): Promise<string[]> {
    this.pushes += 1;
    this.#busy = jwt;
    return ["busy-1", this.idleId];
  }

  onReconnect(): void {
    // It never loses its connection.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

it("the revoker tells a server that has not loaded the account once, and again when that was started anew", async () => {
  const keys = hubKeysIn((await makeInstallation({ servers: ["tls://nats:4222"] })).keys, "/keys");
  const clock = new ManualClock(NOW);
  const book = new RevocationBook(new MemoryRevocations(), () => Math.floor(clock.now() / 1000));
  await book.add([GONE]);
  const servers = new Servers();
  const revoker = new Revoker({ book, keys, connect: () => Promise.resolve(servers), clock, random: () => 0, logger: silentLogger });
  onTestFinished(() => revoker.stop());
  const untilIdle = (): Promise<void> => vi.waitFor(() => expect(clock.pending).toBe(1), 10_000);
  revoker.start();
  await untilIdle();
  expect(servers).toMatchObject({ pushes: 1, looks: 2 });
  await clock.advance(15_000);
  await vi.waitFor(() => expect(servers.looks).toBe(3), 10_000);
  expect(servers.pushes).toBe(1);
  await untilIdle();
  servers.idleId = "idle-2";
  await clock.advance(15_000);
  await vi.waitFor(() => expect(servers).toMatchObject({ pushes: 2, looks: 5 }), 10_000);
});
