import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, it } from "vitest";

import { hasStopped, listProcesses, parseProcStat, parsePsIdentity, processIdentity, signalGroup } from "./process.ts";
import { waitUntil } from "./wait.ts";

describe("parseProcStat", () => {
  it("is not misled by blanks and parentheses in the command", () => {
    const fields = ["S", "1", "77", ...Array.from({ length: 16 }, () => "0"), "4242", "9"];
    expect(parseProcStat(`12 (a) b) S (c) ${fields.join(" ")}\n`)).toEqual({ state: "S", group: 77, start: "4242" });
  });

  it("gives nothing for a line that is cut off", () => {
    expect(parseProcStat("12 (a) S 1")).toBeUndefined();
  });
});

describe("parsePsIdentity", () => {
  it("is the start time", () => {
    expect(parsePsIdentity("Ss   Mon Nov 23 06:00:01 2026\n")).toBe("Mon Nov 23 06:00:01 2026");
  });

  it("is nothing for a zombie and for no process", () => {
    expect(parsePsIdentity("Z+ Mon Nov 23 06:00:01 2026")).toBeUndefined();
    expect(parsePsIdentity("")).toBeUndefined();
  });
});

describe("a process of our own", () => {
  it("keeps its identity while it lives, differs from others, and loses it at its end", async () => {
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    const identity = await processIdentity(pid);
    expect(identity).toBeDefined();
    expect(await processIdentity(pid)).toBe(identity);
    expect(await processIdentity(process.pid)).not.toBe(identity);
    expect((await listProcesses()).find((entry) => entry.pid === pid)).toMatchObject({ group: pid, command: "sleep 60" });

    expect(await hasStopped(pid)).toBe(false);
    signalGroup(pid, "SIGSTOP");
    await waitUntil({ what: "the process to stand still", timeoutMs: 5000 }, () => hasStopped(pid));
    expect(signalGroup(pid, "SIGKILL")).toBe(true);
    await once(child, "exit");
    await waitUntil({ what: "the end of the process", timeoutMs: 5000 }, async () => (await processIdentity(pid)) === undefined);
    expect(signalGroup(pid, "SIGKILL")).toBe(false);
  });
});
