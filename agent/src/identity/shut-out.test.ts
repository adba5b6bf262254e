import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@sightline/shared/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ShutOut } from "./shut-out.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sightline-shut-out-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function loaded(): Promise<ShutOut> {
  const shutOut = new ShutOut(dir, silentLogger);
  await shutOut.load();
  return shutOut;
}

describe("an agent that the hub shuts out", () => {
  it("knows it after a restart, and also that it was let in again", async () => {
    const shutOut = await loaded();
    expect(shutOut.reason).toBeUndefined();
    await shutOut.say("it is not accepted");
    expect((await loaded()).reason).toBe("it is not accepted");
    await shutOut.say(undefined);
    expect((await loaded()).reason).toBeUndefined();
  });

  it("is told once, and once when it is let in", async () => {
    const shutOut = await loaded();
    const told: (string | undefined)[] = [];
    shutOut.watch(() => void told.push(shutOut.reason));
    for (const reason of [undefined, "not accepted", "not accepted", "another reason", undefined, undefined]) await shutOut.say(reason);
    expect(told).toEqual(["not accepted", undefined]);
  });

  it("keeps to it where it cannot be stored, and stores it with the next answer", async () => {
    const shutOut = await loaded();
    await mkdir(join(dir, "identity", "shut-out.tmp"), { recursive: true });
    await shutOut.say("not accepted");
    expect(shutOut.reason).toBe("not accepted");
    expect((await loaded()).reason).toBeUndefined();
    await rm(join(dir, "identity", "shut-out.tmp"), { recursive: true });
    await shutOut.say("not accepted");
    expect((await loaded()).reason).toBe("not accepted");
  });
});
