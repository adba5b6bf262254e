import { describe, expect, it } from "vitest";

import { listProcesses } from "./process.ts";
import { runGroup } from "./run.ts";
import { waitUntil } from "./wait.ts";

describe("runGroup", () => {
  const options = { cwd: "/", env: process.env };

  it("tells the exit status and all output", async () => {
    expect(await runGroup("sh", ["-c", "echo out; echo err >&2; exit 3"], options)).toEqual({ status: 3, output: "out\nerr\n" });
  });

  it("rejects when there is no such program", async () => {
    await expect(runGroup("sightline-no-such-program", [], options)).rejects.toThrow("ENOENT");
  });

  it("ends the program's children too when it is aborted", async () => {
    const controller = new AbortController();
    const mark = `6${process.pid}.25`; // An odd number of seconds, to find the process by.
    const running = runGroup("sh", ["-c", `sleep ${mark}; true`], { ...options, signal: controller.signal });
    const marked = async (): Promise<number> => (await listProcesses()).filter(({ command }) => command === `sleep ${mark}`).length;
    await waitUntil({ what: "the child", timeoutMs: 5000 }, async () => (await marked()) === 1);
    controller.abort(new Error("stop"));
    await expect(running).rejects.toThrow("stop");
    expect(await marked()).toBe(0);
  });
});
