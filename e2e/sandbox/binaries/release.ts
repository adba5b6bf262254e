/** Where the projects publish their binaries, and how a download is verified. */
import type { Binary, BinaryName, Platform } from "./catalog.ts";

export interface Release {
  readonly url: string;
  /** The published checksums: a text that holds the digest of `file`. */
  readonly checksums: { readonly url: string; readonly algorithm: "sha256" | "sha512"; readonly file: string };
  /** The path of the binary in the archive; absent when the download is the binary itself. */
  readonly entry?: string;
}

/** The official release of a binary for a platform; undefined where its project publishes none. */
export function releaseOf({ name, version }: Pick<Binary, "name" | "version">, platform: Platform): Release | undefined {
  return platform.os === "linux" || platform.os === "darwin" ? RELEASES[name](version, platform) : undefined;
}

const RELEASES: Record<BinaryName, (version: string, platform: Platform) => Release | undefined> = {
  etcd: (version, { os, arch }) => {
    const folder = `etcd-v${version}-${os}-${arch}`;
    const file = `${folder}.${os === "linux" ? "tar.gz" : "zip"}`;
    return archive(`https://github.com/etcd-io/etcd/releases/download/v${version}`, file, `${folder}/etcd`);
  },
  "nats-server": (version, { os, arch }) => {
    const folder = `nats-server-v${version}-${os}-${arch}`;
    return archive(`https://github.com/nats-io/nats-server/releases/download/v${version}`, `${folder}.tar.gz`, `${folder}/nats-server`);
  },
  prometheus: (version, platform) => prometheusRelease("prometheus", "prometheus", version, platform),
  promtool: (version, platform) => prometheusRelease("prometheus", "promtool", version, platform),
  alertmanager: (version, platform) => prometheusRelease("alertmanager", "alertmanager", version, platform),
  amtool: (version, platform) => prometheusRelease("alertmanager", "amtool", version, platform),
  "otel-collector": () => undefined,
  helm: (version, { os, arch }) => {
    const file = `helm-v${version}-${os}-${arch}.tar.gz`;
    return archive("https://get.helm.sh", file, `${os}-${arch}/helm`, `${file}.sha256sum`);
  },
  vault: () => undefined,
  "kube-apiserver": (version, platform) => (platform.os === "linux" ? kubeRelease(version, platform) : envtestRelease(version, platform)),
};

function archive(base: string, file: string, entry: string, sums = "SHA256SUMS"): Release {
  return { url: `${base}/${file}`, checksums: { url: `${base}/${sums}`, algorithm: "sha256", file }, entry };
}

function prometheusRelease(project: string, name: string, version: string, { os, arch }: Platform): Release {
  const folder = `${project}-${version}.${os}-${arch}`;
  return archive(`https://github.com/prometheus/${project}/releases/download/v${version}`, `${folder}.tar.gz`, `${folder}/${name}`, "sha256sums.txt");
}

function kubeRelease(version: string, { os, arch }: Platform): Release {
  const url = `https://dl.k8s.io/release/v${version}/bin/${os}/${arch}/kube-apiserver`;
  return { url, checksums: { url: `${url}.sha256`, algorithm: "sha256", file: "kube-apiserver" } };
}

/** Kubernetes publishes no servers for macOS; controller-tools builds them for envtest, and lists them with their digests. */
function envtestRelease(version: string, { os, arch }: Platform): Release {
  const file = `envtest-v${version}-${os}-${arch}.tar.gz`;
  return {
    url: `https://github.com/kubernetes-sigs/controller-tools/releases/download/envtest-v${version}/${file}`,
    checksums: { url: "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml", algorithm: "sha512", file },
    entry: "controller-tools/envtest/kube-apiserver",
  };
}

const HEX_LENGTH = { sha256: 64, sha512: 128 };

/**
 * The digest of a file in a published text: a line of sha256sum ("DIGEST  FILE"), a digest alone (dl.k8s.io),
 * or an entry of envtest-releases.yaml ("FILE:\n  hash: DIGEST").
 */
export function publishedDigest(text: string, { algorithm, file }: Release["checksums"]): string | undefined {
  const digest = new RegExp(`^[0-9a-f]{${HEX_LENGTH[algorithm]}}$`);
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length === 1) return words.find((word) => digest.test(word));
  const named = words.findIndex((word) => word === file || word === `*${file}` || word === `${file}:`);
  if (named < 0) return undefined;
  return [words[named - 1], words[named + 2]].find((word) => word !== undefined && digest.test(word) && isNextTo(words, named, word));
}

/** sha256sum writes the digest before the name, the YAML index after "NAME: hash:". */
function isNextTo(words: readonly string[], named: number, digest: string): boolean {
  return words[named]?.endsWith(":") === true ? words[named + 1] === "hash:" && words[named + 2] === digest : words[named - 1] === digest;
}
