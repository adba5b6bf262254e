import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { processIdentity } from "../../kit/process.ts";
import { waitUntil } from "../../kit/wait.ts";
import type { PartRecord } from "./record.ts";
import { endPart, endParts, isRunning, parseRecord, readRecords, writeRecord } from "./record.ts";

const record = { name: "etcd", pid: 4711, identity: "boot:1", log: "/l", layer: 0 };

let dir = "";
const groups: number[] = [];
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-record-"));
});
afterEach(async () => {
  for (const group of groups.splice(0)) {
    try {
      process.kill(-group, "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  }
  await rm(dir, { recursive: true, force: true });
});

async function shell(script: string, layer = 0): Promise<PartRecord> {
  const child = spawn("sh", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  if (child.pid !== undefined) groups.push(child.pid);
  await once(child.stdout, "data"); // The scripts say something when their traps stand.
  const pid = child.pid ?? 0;
  return { name: `part-${pid}`, pid, identity: (await processIdentity(pid)) ?? "", log: "", layer };
}

describe("records of parts", () => {
  it("are read back, and half of one is passed over", async () => {
    await writeRecord(dir, record);
    await writeFile(path.join(dir, "half.json"), JSON.stringify(record).slice(0, 30));
    expect(await readRecords(dir)).toEqual([record]);
    expect(await readRecords(path.join(dir, "nowhere"))).toEqual([]);
  });

  it.each([0, 1, -5, 1.5, "7"])("never name %j, which kill(2) would take for something else", (pid) => {
    expect(parseRecord(JSON.stringify({ ...record, pid }))).toBeUndefined();
  });
});

describe("ending a part", () => {
  it("leaves alone a process that only has the same pid", async () => {
    const stranger = await shell("echo up; sleep 60");
    expect(await endPart({ ...stranger, identity: "boot:1" })).toBe("was-gone");
    expect(await isRunning(stranger)).toBe(true);
  });

  it("asks with TERM, also when the part is paused", async () => {
    const part = await shell("trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done");
    process.kill(-part.pid, "SIGSTOP");
    expect(await endPart(part)).toBe("ended");
    expect(await isRunning(part)).toBe(false);
  });

  it("kills what does not heed TERM", async () => {
    const part = await shell("trap '' TERM; echo up; while :; do sleep 0.05; done");
    expect(await endPart(part, 50)).toBe("killed");
    expect(await isRunning(part)).toBe(false);
  });

  it("ends clients before their servers", async () => {
    const seen = path.join(dir, "order");
    const loop = (name: string): string => `trap 'echo ${name} >> ${seen}; exit 0' TERM; echo up; while :; do sleep 0.02; done`;
    const parts = [await shell(loop("server"), 0), await shell(loop("client"), 2)];
    await endParts(parts);
    await waitUntil({ what: "the order", timeoutMs: 1000 }, async () => (await readFile(seen, "utf8")) === "client\nserver\n");
  });
});
