/** The binaries that the sandbox and the tests need: where they are pinned, and who else brings them. */
import { readFileSync } from "node:fs";
import path from "node:path";

/** Without these, no sandbox starts. */
export const SERVER_NAMES = ["etcd", "kube-apiserver", "nats-server"] as const;
/** Wanted by tests of what is observed from outside; a sandbox starts without them, and never makes them. */
export const OBSERVER_NAMES = ["prometheus", "promtool", "alertmanager", "amtool"] as const;
/** Wanted by tests of traces. */
export const COLLECTOR_NAMES = ["otel-collector"] as const;
/** Wanted by tests of the charts. */
export const CHART_NAMES = ["helm"] as const;
/** Wanted by `pnpm verify:long` alone. */
export const LONG_NAMES = ["vault"] as const;
export const BINARY_NAMES = [...SERVER_NAMES, ...OBSERVER_NAMES, ...COLLECTOR_NAMES, ...CHART_NAMES, ...LONG_NAMES] as const;
export type BinaryName = (typeof BINARY_NAMES)[number];

export interface Binary {
  readonly name: BinaryName;
  /** Without a leading v. The go.mod of its module is the only place where a version stands. */
  readonly version: string;
  /** The environment variable that names a binary of one's own. */
  readonly environment: string;
  /** True when controller-runtime's envtest folder (KUBEBUILDER_ASSETS) holds it. */
  readonly inKubebuilderAssets: boolean;
  /** Debian's package of it, taken where there is no release: seconds, where a build takes minutes. Any version serves. */
  readonly debian?: DebianFile;
  /** Which tests want it, in words; absent for what every sandbox needs. */
  readonly neededBy?: string;
  readonly build: BuildPlan;
}

export interface DebianFile {
  readonly package: string;
  /** Where the binary stands in the package. */
  readonly path: string;
}

export interface BuildPlan {
  /** The folder of the pinned Go module. */
  readonly moduleDir: string;
  readonly package: string;
  readonly ldflags: string;
  /** Build tags. */
  readonly tags?: string;
  /** Measured on 2 cores with an empty build cache. */
  readonly secondsOnTwoCores: number;
  readonly diskGiB: number;
  readonly memoryGiB: number;
}

interface Pin extends Omit<Binary, "version" | "build"> {
  readonly module: string;
  readonly build: Omit<BuildPlan, "moduleDir" | "ldflags"> & { readonly folder: string };
}

/** What the members of one project's repository share. */
type ProjectPin = Omit<Pin, "build" | "name" | "environment"> & { readonly build: Omit<Pin["build"], "package"> };

const OBSERVING = { inKubebuilderAssets: false, neededBy: "the tests of alerts and dashboards" };

const PROMETHEUS: ProjectPin = {
  ...OBSERVING,
  module: "github.com/prometheus/prometheus",
  // Targets are named in a file here: no cloud is asked for any.
  build: { folder: "prometheus", tags: "remove_all_sd", secondsOnTwoCores: 180, diskGiB: 2, memoryGiB: 2 },
};

const ALERTMANAGER: ProjectPin = {
  ...OBSERVING,
  module: "github.com/prometheus/alertmanager",
  build: { folder: "alertmanager", secondsOnTwoCores: 75, diskGiB: 1, memoryGiB: 1 },
};

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
  prometheus: observer("prometheus", PROMETHEUS, { package: "prometheus", path: "usr/bin/prometheus" }),
  promtool: observer("promtool", PROMETHEUS, { package: "prometheus", path: "usr/bin/promtool" }),
  // Debian's Alertmanager does not start outside of /usr: it looks for its templates there.
  alertmanager: observer("alertmanager", ALERTMANAGER),
  amtool: observer("amtool", ALERTMANAGER),
  // Its main.go is ours: a collector is always put together for its purpose.
  "otel-collector": {
    name: "otel-collector",
    environment: "SIGHTLINE_OTEL_COLLECTOR",
    inKubebuilderAssets: false,
    neededBy: "the tests of traces",
    module: "go.opentelemetry.io/collector/otelcol",
    build: { folder: "otel-collector", package: ".", secondsOnTwoCores: 65, diskGiB: 1, memoryGiB: 1 },
  },
  helm: {
    name: "helm",
    environment: "SIGHTLINE_HELM",
    inKubebuilderAssets: false,
    neededBy: "the tests of the charts",
    module: "helm.sh/helm/v4",
    build: { folder: "helm", package: "helm.sh/helm/v4/cmd/helm", secondsOnTwoCores: 120, diskGiB: 1.5, memoryGiB: 1 },
  },
  // Its main.go is ours: Vault's own command links every cloud's plugins. The version is the last one of 1.21 whose sdk, which
  // lies in Vault's repository, was published as a module too: later ones do not build from modules.
  vault: {
    name: "vault",
    environment: "SIGHTLINE_VAULT",
    inKubebuilderAssets: false,
    neededBy: "pnpm verify:long",
    module: "github.com/hashicorp/vault",
    build: { folder: "vault", package: ".", secondsOnTwoCores: 300, diskGiB: 3, memoryGiB: 3 },
  },
};

function observer(name: BinaryName, project: ProjectPin, debian?: DebianFile): Pin {
  return { ...project, name, environment: `SIGHTLINE_${name.toUpperCase()}`, ...(debian && { debian }), build: { ...project.build, package: `${project.module}/cmd/${name}` } };
}

const MODULES = path.join(import.meta.dirname, "modules");

export function binaryOf(name: BinaryName): Binary {
  const { module, build, ...pin } = PINS[name];
  const { folder, ...plan } = build;
  const moduleDir = path.join(MODULES, folder);
  const version = releasedAs(module, requiredVersion(readFileSync(path.join(moduleDir, "go.mod"), "utf8"), module));
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

/** Prometheus numbers its module apart from its releases: 3.15.1 is the module's 0.315.1. */
export function releasedAs(module: string, version: string): string {
  return module === PROMETHEUS.module ? version.replace(/^0\.(\d)(\d\d)\./, (_, major: string, minor: string) => `${major}.${Number(minor)}.`) : version;
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
