/** A semantic version's numbers; a pre-release counts as its release. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
}

export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** Whether a version is that one, or newer. */
export function isAtLeast(version: Version, least: Version): boolean {
  if (version.major !== least.major) return version.major > least.major;
  if (version.minor !== least.minor) return version.minor > least.minor;
  return version.patch >= least.patch;
}

/** How far two versions are apart: such versions understand each other within one minor version. */
export function distance(a: Version, b: Version): "same" | "near" | "far" {
  if (a.major !== b.major || Math.abs(a.minor - b.minor) > 1) return "far";
  return a.minor === b.minor && a.patch === b.patch ? "same" : "near";
}
