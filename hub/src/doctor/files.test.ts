import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { troubleWithFiles } from "./files.ts";

// A valid seed of no user anywhere.
const SEED = "SUAMLK2ZNL35WSMW37E7UD4VZ7ELPKW7DHC3BWBSD2GCZ7IUQQXZIORRBU";

describe("the files that doctor is given", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "doctor-"));
    await writeFile(join(dir, "seed"), `${SEED}\n`);
    await writeFile(join(dir, "text"), "no seed, and no certificate\n");
  });
  afterAll(() => rm(dir, { recursive: true }));

  const trouble = (seed: string, ca?: string): string | undefined => troubleWithFiles({ servers: ["tls://a"], seedFile: join(dir, seed), caFile: ca === undefined ? undefined : join(dir, ca), replicas: undefined });

  it("are no trouble where they are what they should be", () => {
    expect([trouble("seed"), troubleWithFiles(undefined)]).toEqual([undefined, undefined]);
  });

  it.each([
    ["a seed that is not there", "nowhere", undefined, /^--nats-nkey-seed-file: .*\/nowhere cannot be read: ENOENT/],
    ["a seed that is none", "text", undefined, /^--nats-nkey-seed-file: .*\/text is no NKey seed$/],
    ["an authority that is not there", "seed", "nowhere", /^--nats-ca: .*\/nowhere cannot be read: ENOENT/],
    ["an authority that is none", "seed", "text", /^--nats-ca: .*\/text holds no certificate$/],
  ])("are named by their flag: %s", (_what, seed, ca, sentence) => expect(trouble(seed, ca)).toMatch(sentence));
});
