import path from "node:path";

import { describe, expect, it } from "vitest";

import { at, listAt, textAt } from "../../kit/json.ts";
import { readState, startSandbox, takeDown } from "../../sandbox/mod.ts";
import { needsServers } from "../../sandbox/test-needs.ts";
import { pidsOf, processesOf, runCli, testFolders, untilNothingRuns } from "./support.ts";

const clusters = [{ name: "eu-1", region: "eu-west-1", environment: "production" }, { name: "us-1" }, { name: "ap-1" }];

describe("a sandbox with hub and agents", () => {
  needsServers();
  const folder = testFolders();

  it("is up when every cluster is Available, tells where everything is, and leaves nothing", async () => {
    const dir = folder("whole");
    await using sandbox = await startSandbox({ dir, clusters });
    const items = listAt(await sandbox.kube.client.get("apis/monitoring.example.com/v1/clusterregistrations"), "items");
    expect(items.map((item) => textAt(item, "metadata", "name"))).toEqual(["ap-1", "eu-1", "us-1"]);
    for (const item of items) expect(listAt(item, "status", "conditions").find((one) => at(one, "type") === "Available")).toMatchObject({ status: "True" });
    const { hubs, agents, parts } = sandbox.state;
    expect([hubs.length, agents.map(({ cluster }) => cluster), parts.length]).toEqual([1, ["eu-1", "us-1", "ap-1"], 4]);
    const running = (await processesOf(dir)).filter(({ command }) => !command.includes("sightline-guard"));
    expect(pidsOf(running)).toEqual(pidsOf([...hubs, ...agents, ...parts]));
    await sandbox.stop();
    await untilNothingRuns(dir);
  });

  it("needs no more than a folder, and gives hub and agents the flags that it is given", async () => {
    const dir = folder("whole");
    const up = runCli("up", "--dir", dir, "--hub-flag", "--trace-ratio=1", "--agent-flag=--trace-ratio=0.5", "--agent-flag=--max-concurrency=7", "--detach");
    expect([await up.status, up.output()]).toEqual([0, expect.stringContaining("The sandbox is up after")]);
    const { agents } = await readState(path.join(dir, "sandbox.json"));
    expect(agents.map(({ cluster }) => cluster)).toEqual(["eu-1", "us-1", "ap-1"]);
    expect((await fetch(`${agents[0]?.url}/healthz`)).status).toBe(200);
    const commands = (await processesOf(dir)).map(({ command }) => command);
    expect(commands.filter((command) => command.includes("--trace-ratio=1"))).toHaveLength(1);
    expect(commands.filter((command) => command.includes("--trace-ratio=0.5 --max-concurrency=7"))).toHaveLength(3);
    await takeDown(dir);
  });

  it("starts the same agent again, on the same port", async () => {
    await using sandbox = await startSandbox({ dir: folder("whole"), clusters: [{ name: "eu-1" }] });
    const [before] = sandbox.state.agents;
    await sandbox.kill("agent-eu-1");
    await sandbox.restart("agent-eu-1");
    const [after] = sandbox.state.agents;
    expect(after?.metrics).toBe(before?.metrics);
    expect(after?.pid).not.toBe(before?.pid);
    expect(sandbox.failure.aborted).toBe(false);
  });
});
