import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { systemClock } from "@sightline/shared";
import { connectNats, credsFile, type HeartbeatSubscription, type NatsConnection, subscribeHeartbeats } from "@sightline/shared/nats";
import { encodeHeartbeat, heartbeatSubject } from "@sightline/shared/wire";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";

import { heartbeat } from "../../../hub/src/testing/heartbeats.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type Nats, startNats } from "../../sandbox/mod.ts";
import { needsServers } from "../../sandbox/test-needs.ts";

let dir = "";
let nats: Nats;
let connection: NatsConnection;
let subscription: HeartbeatSubscription;
const told: string[] = [];

needsServers(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-heartbeats-"));
  nats = await startNats({ dir: path.join(dir, "nats"), clusters: [] });
});

beforeEach(async ({ task }) => {
  if (task.mode === "skip" || dir === "") return;
  const { url, caFile, hubCredsFile } = nats.nats;
  connection = await connectNats({ servers: [url], caFile, credentials: credsFile(hubCredsFile), name: "test" });
  told.length = 0;
  subscription = subscribeHeartbeats(connection, {
    trusts: () => true,
    heartbeat: (cluster, { sequence }) => void told.push(`${cluster} ${sequence}`),
    refused: (subject, { code }) => void told.push(`${subject} ${code}`),
    connection: (connected) => void told.push(connected ? "connected" : "disconnected"),
  });
});

afterEach(async () => {
  if (dir === "") return;
  subscription.stop();
  await connection.close();
});

afterAll(async () => {
  if (dir === "") return;
  await nats.stop();
  await rm(dir, { recursive: true, force: true });
});

function beat(sequence: number): void {
  connection.publish(heartbeatSubject("eu-1"), encodeHeartbeat("eu-1", heartbeat({ sequence })));
}

async function untilTold(...lines: string[]): Promise<void> {
  await waitUntil({ what: lines.join(", "), timeoutMs: 20_000 }, () => lines.every((line) => told.includes(line)));
}

describe("the hub's ear for heartbeats", () => {
  it("hears them over a bad message, and everything sent before a sign of life", async () => {
    beat(1);
    connection.publish("hb.eu-1", "no heartbeat");
    beat(2);
    expect(await subscription.canHear(systemClock, 5000)).toBe(true);
    expect(told).toEqual(["eu-1 1", "hb.eu-1 INVALID_MESSAGE", "eu-1 2"]);
  });

  it("says when the server is gone and when it is back, and goes on", async () => {
    await nats.restart("nats-server");
    await untilTold("disconnected", "connected");
    beat(3);
    await untilTold("eu-1 3");
  });

  it("finds out that a connection is dead which looks alive", async () => {
    await nats.pause("nats-server");
    expect(await subscription.canHear(systemClock, 300)).toBe(false);
    await nats.resume("nats-server");
    expect(await subscription.canHear(systemClock, 20_000)).toBe(true);
    expect(told).not.toContain("disconnected");
  });

  it("says nothing after it was stopped", async () => {
    subscription.stop();
    beat(4);
    await connection.flush();
    expect(told).toEqual([]);
  });
});
