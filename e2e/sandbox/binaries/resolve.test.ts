import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { binaryOf } from "./catalog.ts";
import { candidates, findPresent } from "./resolve.ts";

const platform = { os: "linux", arch: "amd64" };
const etcd = binaryOf("etcd");

describe("where a binary may be", () => {
  const env = { SIGHTLINE_ETCD: "/own/etcd", SIGHTLINE_NATS_SERVER: "", KUBEBUILDER_ASSETS: "/assets" };

  it("is, in this order: the environment, KUBEBUILDER_ASSETS, our cache", () => {
    expect(candidates(etcd, { env, home: "/h", platform }).map(({ path: file }) => file)).toEqual([
      "/own/etcd",
      "/assets/etcd",
      `/h/.cache/sightline/bin/etcd-${etcd.version}-linux-amd64`,
    ]);
  });

  it("is Debian's last, under a name that claims no version", () => {
    const { version } = binaryOf("promtool");
    expect(candidates(binaryOf("promtool"), { env: {}, home: "/h", platform }).map(({ path: file }) => file)).toEqual([
      `/h/.cache/sightline/bin/promtool-${version}-linux-amd64`,
      "/h/.cache/sightline/bin/promtool-debian-linux-amd64",
    ]);
  });

  it("is not KUBEBUILDER_ASSETS for nats-server, nor an empty variable", () => {
    expect(candidates(binaryOf("nats-server"), { env, home: "/h", platform }).map(({ source }) => source)).toEqual(["the cache"]);
  });
});

describe("findPresent", () => {
  let dir = "";
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "sightline-resolve-"));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it("passes over a folder of assets that lacks the binary", async () => {
    expect(await findPresent(etcd, { env: { KUBEBUILDER_ASSETS: dir }, home: dir, platform })).toBeUndefined();
    await writeFile(path.join(dir, "etcd"), "");
    await chmod(path.join(dir, "etcd"), 0o755);
    expect(await findPresent(etcd, { env: { KUBEBUILDER_ASSETS: dir }, home: dir, platform })).toMatchObject({ source: "KUBEBUILDER_ASSETS" });
  });

  it("refuses a path of the user's that cannot be executed, instead of taking another one", async () => {
    const found = findPresent(etcd, { env: { SIGHTLINE_ETCD: path.join(dir, "nothing") }, home: dir, platform });
    await expect(found).rejects.toThrow(/SIGHTLINE_ETCD names .*nothing, which cannot be executed/);
  });
});
