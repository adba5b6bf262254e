import { describe, expect, it } from "vitest";

import { publishedDigest, releaseOf } from "./release.ts";

const linux = { os: "linux", arch: "amd64" };
const mac = { os: "darwin", arch: "arm64" };
const a = "a".repeat(64);
const b = "b".repeat(64);
const c = "c".repeat(128);

describe("releaseOf", () => {
  it.each([
    ["etcd", linux, "https://github.com/etcd-io/etcd/releases/download/v1.2.3/etcd-v1.2.3-linux-amd64.tar.gz"],
    ["etcd", mac, "https://github.com/etcd-io/etcd/releases/download/v1.2.3/etcd-v1.2.3-darwin-arm64.zip"],
    ["nats-server", linux, "https://github.com/nats-io/nats-server/releases/download/v1.2.3/nats-server-v1.2.3-linux-amd64.tar.gz"],
    ["promtool", linux, "https://github.com/prometheus/prometheus/releases/download/v1.2.3/prometheus-1.2.3.linux-amd64.tar.gz"],
    ["amtool", mac, "https://github.com/prometheus/alertmanager/releases/download/v1.2.3/alertmanager-1.2.3.darwin-arm64.tar.gz"],
    ["helm", mac, "https://get.helm.sh/helm-v1.2.3-darwin-arm64.tar.gz"],
    ["kube-apiserver", linux, "https://dl.k8s.io/release/v1.2.3/bin/linux/amd64/kube-apiserver"],
    ["kube-apiserver", mac, "https://github.com/kubernetes-sigs/controller-tools/releases/download/envtest-v1.2.3/envtest-v1.2.3-darwin-arm64.tar.gz"],
  ] as const)("finds %s for %o", (name, platform, url) => expect(releaseOf({ name, version: "1.2.3" }, platform)?.url).toBe(url));

  it("knows of none for other systems", () => {
    expect(releaseOf({ name: "etcd", version: "1.2.3" }, { os: "win32", arch: "amd64" })).toBeUndefined();
  });
});

describe("publishedDigest", () => {
  const wanted = { url: "", algorithm: "sha256", file: "etcd.tar.gz" } as const;

  it("reads the line of the file, not its neighbours", () => {
    expect(publishedDigest(`${a}  other.tar.gz\n${b}  etcd.tar.gz\n${a}  third\n`, wanted)).toBe(b);
    expect(publishedDigest(`${b} *other\n${a} *etcd.tar.gz\n`, { ...wanted })).toBe(a);
  });

  it("reads a digest that stands alone", () => {
    expect(publishedDigest(`${a}\n`, wanted)).toBe(a);
  });

  it("reads the index of envtest", () => {
    const index = `releases:\n  v1:\n    etcd.tar.gz:\n      hash: ${c}\n      selfLink: https://x\n`;
    expect(publishedDigest(index, { ...wanted, algorithm: "sha512" })).toBe(c);
  });

  it("finds nothing in a text without the file, or with another kind of digest", () => {
    expect(publishedDigest(`${a}  other\n`, wanted)).toBeUndefined();
    expect(publishedDigest("<html>not found</html>", wanted)).toBeUndefined();
    expect(publishedDigest(`${"a".repeat(63)}  etcd.tar.gz`, wanted)).toBeUndefined();
    expect(publishedDigest("", wanted)).toBeUndefined();
  });
});
