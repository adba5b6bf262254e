import { copyFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { waitUntil } from "../../kit/wait.ts";
import { AgentBench, CLUSTER, OTHER_CLUSTER } from "./support.ts";

/** An agent that may not, or cannot, speak to NATS says so, and needs no restart once that is mended. */
describe("an agent", () => {
  const bench = new AgentBench();

  it("that does not trust the server's certificate says why, once, and ends at once when it is asked to", async () => {
    const agent = await bench.agent(await bench.dataDir(), { caFile: "" });
    await agent.untilReadiness("NATS was not reached yet: ", '"error_type":"NATS_UNAVAILABLE"');
    expect(await agent.readiness()).toMatch(/not reached yet: .*certificate/);
    expect(agent.log.match(/Connecting to NATS failed/g)).toHaveLength(1);
    expect(agent.log).not.toContain("--use-system-ca");
    expect(await agent.end("SIGTERM")).toBe(0);
  });

  it("waits for a credentials file that is missing, then half written, and names it meanwhile", async () => {
    const hub = await bench.hub();
    const dataDir = await bench.dataDir();
    const creds = path.join(dataDir, "agent.creds");
    const agent = await bench.agent(dataDir, { creds });
    await agent.untilReadiness(`the NATS credentials file ${creds} cannot be read: ENOENT`, '"error_type":"NATS_FILE_UNREADABLE"');
    await writeFile(creds, "-----BEGIN NATS USER JWT-----");
    await agent.untilReadiness(`the NATS credentials file ${creds} holds no credentials`);
    await copyFile(bench.credsFile(CLUSTER), creds);
    await waitUntil({ what: "the first heartbeat", timeoutMs: 10_000 }, () => hub.heartbeats.length > 0);
    await agent.untilReadiness('"ready":true');
  });

  it("with another cluster's key is not ready and says which subjects are refused, until the key is mended", async () => {
    const hub = await bench.hub();
    await hub.prepare();
    const dataDir = await bench.dataDir();
    const creds = path.join(dataDir, "agent.creds");
    await copyFile(bench.credsFile(OTHER_CLUSTER), creds);
    const agent = await bench.agent(dataDir, { creds });
    await agent.untilReadiness(`the agent's credentials may not speak for cluster ${CLUSTER}`, `this key may not publish to hb.${CLUSTER}`);
    expect(agent.log).toContain('"error_type":"NATS_REFUSED"');
    expect(agent.log.match(/may not publish to hb\./g)).toHaveLength(1);
    expect(hub.heartbeats).toEqual([]);
    await copyFile(bench.credsFile(CLUSTER), creds);
    await waitUntil({ what: "a heartbeat", timeoutMs: 30_000 }, () => hub.heartbeats.length > 0);
    await agent.untilReadiness('"ready":true');
  });
});
