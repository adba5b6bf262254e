/** Fetching a release: a short time-out to connect, no retry, nothing used that its checksum does not match. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";

import got from "got";

import { SandboxError } from "../errors.ts";
import type { Release } from "./release.ts";
import { publishedDigest } from "./release.ts";

const run = promisify(execFile);

/** A machine without a way out must go on soon: a name or a connection that takes longer counts as absent. */
const CONNECT_MS = 3000;
const STALL_MS = 15_000;

const client = got.extend({
  retry: { limit: 0 },
  timeout: { lookup: CONNECT_MS, connect: CONNECT_MS, secureConnect: CONNECT_MS, response: STALL_MS, socket: STALL_MS },
});

/** Fetches, verifies and unpacks a release, and puts its binary to `output`, executable. */
export async function downloadRelease(release: Release, output: string, signal: AbortSignal): Promise<void> {
  const digest = publishedDigest(await client(release.checksums.url, { signal }).text(), release.checksums);
  if (digest === undefined) throw new SandboxError(`${release.checksums.url} lists no checksum of ${release.checksums.file}`);
  const scratch = await mkdtemp(`${output}.`);
  try {
    const file = path.join(scratch, path.basename(release.url));
    await pipeline(client.stream(release.url), createWriteStream(file), { signal });
    await verify(file, release.checksums.algorithm, digest);
    await unpack(release, file, output);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Whether a release is there and can be reached now; the reason otherwise. */
export async function canReach(release: Release): Promise<true | Error> {
  try {
    await client.head(release.url);
    return true;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function verify(file: string, algorithm: string, expected: string): Promise<void> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  const found = hash.digest("hex");
  if (found !== expected) throw new SandboxError(`${path.basename(file)} has ${algorithm} ${found}, published is ${expected}`);
}

/** bsdtar (macOS) reads zip too, which is the only place where a zip is met. */
async function unpack({ entry }: Release, file: string, output: string): Promise<void> {
  if (entry !== undefined) await run("tar", ["-xf", file, "-C", path.dirname(file), entry]);
  await copyFile(entry === undefined ? file : path.join(path.dirname(file), entry), output);
  await chmod(output, 0o755);
}
