/** The binaries that the sandbox needs: where they are pinned, and where their projects publish them. */
import { readFileSync } from "node:fs";
import path from "node:path";

export const BINARY_NAMES = ["etcd", "kube-apiserver", "nats-server"] as const;
export type BinaryName = (typeof BINARY_NAMES)[number];

export interface Binary {
  readonly name: BinaryName;
  /** Without a leading v. The go.mod of its module is the only place where a version stands. */
  readonly version: string;
  /** The environment variable that names a binary of one's own. */
  readonly environment: string;
  /** True when controller-runtime's envtest folder (KUBEBUILDER_ASSETS) holds it. */
  readonly inKubebuilderAssets: boolean;
  readonly build: BuildPlan;
}

export interface BuildPlan {
  /** The folder of the pinned Go module. */
  readonly moduleDir: string;
  readonly package: string;
  readonly ldflags: string;
  /** Measured on 2 cores with an empty build cache. */
  readonly secondsOnTwoCores: number;
  readonly diskGiB: number;
  readonly memoryGiB: number;
}

interface Pin extends Omit<Binary, "version" | "build"> {
  readonly module: string;
  readonly build: Omit<BuildPlan, "moduleDir" | "ldflags"> & { readonly folder: string };
}

const PINS: Record<BinaryName, Pin> = {
  etcd: {
    name: "etcd",
    environment: "SIGHTLINE_ETCD",
    inKubebuilderAssets: true,
    module: "go.etcd.io/etcd/server/v3",
    build: { folder: "etcd", package: "go.etcd.io/etcd/server/v3", secondsOnTwoCores: 45, diskGiB: 1.5, memoryGiB: 1 },
  },
  "kube-apiserver": {
    name: "kube-apiserver",
    environment: "SIGHTLINE_KUBE_APISERVER",
    inKubebuilderAssets: true,
    module: "k8s.io/kubernetes",
    build: { folder: "kube", package: "k8s.io/kubernetes/cmd/kube-apiserver", secondsOnTwoCores: 300, diskGiB: 4, memoryGiB: 2 },
  },
  "nats-server": {
    name: "nats-server",
    environment: "SIGHTLINE_NATS_SERVER",
    inKubebuilderAssets: false,
    module: "github.com/nats-io/nats-server/v2",
    build: { folder: "nats", package: "github.com/nats-io/nats-server/v2", secondsOnTwoCores: 45, diskGiB: 1, memoryGiB: 1 },
  },
};

const MODULES = path.join(import.meta.dirname, "modules");

export function binaryOf(name: BinaryName): Binary {
  const { module, build, ...pin } = PINS[name];
  const { folder, ...plan } = build;
  const moduleDir = path.join(MODULES, folder);
  const version = requiredVersion(readFileSync(path.join(moduleDir, "go.mod"), "utf8"), module);
  return { ...pin, version, build: { ...plan, moduleDir, ldflags: ldflags(name, version) } };
}

/** The version of `module` that a go.mod requires, without the leading v. Throws when it requires none. */
export function requiredVersion(goMod: string, module: string): string {
  for (const line of goMod.split("\n")) {
    const [name, version] = line.trim().replace(/^require\s+/, "").split(/\s+/);
    if (name === module && version?.startsWith("v") === true) return version.slice(1);
  }
  throw new Error(`go.mod does not require ${module}`);
}

/** kube-apiserver reports the version that its linker was told, and refuses to work without one. */
function ldflags(name: BinaryName, version: string): string {
  if (name !== "kube-apiserver") return "-s -w";
  const [major, minor] = version.split(".");
  const values = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  return ["-s", "-w", ...Object.entries(values).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`)].join(" ");
}

export interface Platform {
  /** As Go names it: linux, darwin. */
  readonly os: string;
  /** As Go names it: amd64, arm64. */
  readonly arch: string;
}

const GO_ARCH: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", ia32: "386" };

export function platformOf(platform: NodeJS.Platform = process.platform, arch: NodeJS.Architecture = process.arch): Platform {
  return { os: platform, arch: GO_ARCH[arch] ?? arch };
}
