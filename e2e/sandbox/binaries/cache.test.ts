import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { processIdentity } from "../../kit/process.ts";
import { cachedPath, cacheRoot, installAtomically, lockHolder, withLock } from "./cache.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-cache-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const linux = { os: "linux", arch: "amd64" };

describe("where the cache is", () => {
  it.each([
    ["XDG_CACHE_HOME when it is absolute", { env: { XDG_CACHE_HOME: "/x" }, platform: linux }, "/x/sightline"],
    ["not in a relative XDG_CACHE_HOME, as its specification says", { env: { XDG_CACHE_HOME: "x" }, platform: linux }, "/h/.cache/sightline"],
    ["~/.cache on Linux", { env: {}, platform: linux }, "/h/.cache/sightline"],
    ["~/Library/Caches on macOS", { env: {}, platform: { os: "darwin", arch: "arm64" } }, "/h/Library/Caches/sightline"],
  ])("is %s", (_, where, expected) => expect(cacheRoot({ home: "/h", ...where })).toBe(expected));

  it("keys a binary by name, version and platform", () => {
    expect(cachedPath({ name: "etcd", version: "1.2.3" }, { env: {}, home: "/h", platform: linux })).toBe("/h/.cache/sightline/bin/etcd-1.2.3-linux-amd64");
  });
});

describe("installAtomically", () => {
  it("shows the file under its name only when it is whole, and leaves nothing else", async () => {
    const target = path.join(dir, "bin", "etcd");
    await installAtomically(target, async (temporary) => {
      await writeFile(temporary, "half");
      expect(await readdir(path.dirname(target))).not.toContain("etcd");
      await writeFile(temporary, "whole");
    });
    expect(await readFile(target, "utf8")).toBe("whole");
    expect(await readdir(path.dirname(target))).toEqual(["etcd"]);
  });

  it("leaves nothing of a build that failed", async () => {
    const target = path.join(dir, "etcd");
    const install = installAtomically(target, async (temporary) => {
      await writeFile(temporary, "half");
      throw new Error("out of disk");
    });
    await expect(install).rejects.toThrow("out of disk");
    expect(await readdir(dir)).toEqual([]);
  });
});

describe("withLock", () => {
  it("lets one in at a time", async () => {
    const lock = path.join(dir, "etcd.lock");
    let inside = 0;
    const work = async (): Promise<void> => {
      expect(++inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    await Promise.all([withLock(lock, {}, work), withLock(lock, {}, work)]);
    expect(await readdir(dir)).toEqual([]);
  });

  it("breaks the lock of a process that has died, and not that of one that lives", async () => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    await once(child, "spawn");
    const lock = path.join(dir, "etcd.lock");
    await writeFile(lock, JSON.stringify({ pid: child.pid, identity: await processIdentity(child.pid ?? 0) }));
    expect(await lockHolder(lock)).toBe(child.pid);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await withLock(lock, {}, () => Promise.resolve("in"))).toBe("in");
  });

  it("breaks a lock that says nothing readable", async () => {
    const lock = path.join(dir, "etcd.lock");
    await writeFile(lock, "{");
    expect(await withLock(lock, {}, () => Promise.resolve("in"))).toBe("in");
  });
});
