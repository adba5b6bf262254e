import { connect as connectTcp, type Socket } from "node:net";
import { once } from "node:events";
import { connect as connectTls, type TLSSocket } from "node:tls";

import { commitBatch, connectNats, connectSystem, credsFile, type NatsConnection, type NatsSettings, reconcileStreams } from "@sightline/shared/nats";
import { CHECKPOINT_STREAM, checkpointChunkSubject } from "@sightline/shared/wire";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";

import { at, listAt } from "../../kit/json.ts";
import { waitUntil } from "../../kit/wait.ts";
import { needsServers } from "../../sandbox/test-needs.ts";
import { type ExampleServers, startExampleServers } from "./servers.ts";

/** One more than a server takes that was not told otherwise. */
const MANY = 1001;

describe("three servers by deploy/nats/nats-server.conf", () => {
  let servers: ExampleServers;
  needsServers(async () => {
    servers = await startExampleServers();
  });
  afterAll(async () => await servers?.stop());

  const settings = (more: Partial<NatsSettings> = {}): NatsSettings => ({ servers: servers.urls, caFile: servers.caFile, credentials: credsFile(servers.hubCredsFile), name: "test", ...more });
  const hub = async (more: Partial<NatsSettings> = {}): Promise<NatsConnection> => {
    const connection = await connectNats(settings(more));
    onTestFinished(() => connection.close());
    return connection;
  };

  it("keep the hub's streams in three copies, and take a batch of more than a thousand messages", async () => {
    const connection = await hub();
    await waitUntil({ what: "the streams", timeoutMs: 30_000 }, async () => (await reconcileStreams(connection, 3), true));
    const info = (await connection.request(`$JS.API.STREAM.INFO.${CHECKPOINT_STREAM}`)).json<unknown>();
    expect(at(info, "config", "num_replicas")).toBe(3);
    expect(listAt(info, "cluster", "replicas")).toHaveLength(2);
    const payload = Buffer.from("{}");
    const messages = Array.from({ length: MANY }, (_, chunk) => ({ subject: checkpointChunkSubject(1, chunk), payload }));
    expect(await commitBatch(connection, messages, 30_000)).toMatchObject({ kind: "committed" });
  });

  it("take the agents' account from the hub, also where no agent has connected yet", async () => {
    const system = await connectSystem(settings({ credentials: credsFile(servers.systemCredsFile) }));
    onTestFinished(() => system.close());
    const { AGENTS } = servers.installation.accounts;
    const stored = await waitUntil({ what: "every server to store it", timeoutMs: 10_000 }, async () => {
      const ids = await system.push(AGENTS.jwt);
      return ids.length === 3 && ids;
    });
    const known = await system.account(AGENTS.publicKey);
    expect(known.map(({ server }) => server).toSorted()).toEqual(["nats-0", "nats-1", "nats-2"]);
    expect(known.map(({ id }) => id).toSorted()).toEqual(stored.toSorted());
    expect(known.map(({ jwt }) => jwt)).toEqual(["", "", ""]);
  });

  it("speak TLS 1.2 and 1.3, and nothing older", async () => {
    expect(await tlsVersion(servers, "TLSv1.3")).toBe("TLSv1.3");
    expect(await tlsVersion(servers, "TLSv1.2")).toBe("TLSv1.2");
    await expect(tlsVersion(servers, "TLSv1.1")).rejects.toThrow(/protocol version|alert/i);
  });

  it("take exchanged certificates by a reload, and so do hub and agents: nobody is started again", async () => {
    const connection = await hub();
    let lost = 0;
    void (async () => {
      for await (const { type } of connection.status()) if (type === "disconnect") lost += 1;
    })();
    const before = await servers.startTimes();
    const answers = async (): Promise<string> => (await connection.request("$JS.API.INFO")).string();
    const { formerCa } = await servers.exchangeCertificates(async () => {
      expect(await answers()).toContain("account_info_response");
    });
    expect(lost).toBe(0);
    await waitUntil({ what: "the new certificates to be in force", timeoutMs: 10_000 }, async () => (await refusals(servers, formerCa)) === 3);

    // The connection that stood all the time is made again, by the same settings: the file is another one by now.
    await connection.reconnect();
    await waitUntil({ what: "the connection to be back", timeoutMs: 20_000 }, async () => (await answers()).includes("account_info_response"));
    expect(lost).toBe(1);
    expect(await servers.startTimes()).toEqual(before);
  });
});

/** How many servers a client refuses that trusts an authority. */
async function refusals({ urls, hubCredsFile }: ExampleServers, ca: string): Promise<number> {
  const attempts = urls.map(async (url) => (await connectNats({ servers: [url], ca, credentials: credsFile(hubCredsFile), name: "test", onceWithinMs: 5000 })).close());
  const ended = await Promise.allSettled(attempts);
  return ended.filter((end) => end.status === "rejected" && String(end.reason).includes("certificate")).length;
}

/** Which version a client speaks with a server that knows no newer one than `newest`. NATS says a line in clear before. */
async function tlsVersion({ urls: [url = ""] }: ExampleServers, newest: "TLSv1.1" | "TLSv1.2" | "TLSv1.3"): Promise<string | null> {
  const plain: Socket = connectTcp(Number(new URL(url).port), "127.0.0.1");
  await once(plain, "data");
  const socket: TLSSocket = connectTls({ socket: plain, rejectUnauthorized: false, minVersion: "TLSv1.1", maxVersion: newest, ciphers: "DEFAULT@SECLEVEL=0" });
  try {
    await once(socket, "secureConnect");
    return socket.getProtocol();
  } finally {
    socket.destroy();
  }
}
