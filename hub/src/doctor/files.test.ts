import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credsText } from "../identity/installation.ts";
import { troubleWithFiles } from "./files.ts";

// Of no user anywhere.
const SEED = "SUAMLK2ZNL35WSMW37E7UD4VZ7ELPKW7DHC3BWBSD2GCZ7IUQQXZIORRBU";

describe("the files that doctor is given", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "doctor-"));
    await writeFile(join(dir, "creds"), credsText("a.b.c", SEED));
    await writeFile(join(dir, "text"), "no seed, and no certificate\n");
  });
  afterAll(() => rm(dir, { recursive: true }));

  const trouble = (creds: string, ca?: string): string | undefined => troubleWithFiles({ servers: ["tls://a"], credsFile: join(dir, creds), caFile: ca === undefined ? undefined : join(dir, ca), replicas: undefined });

  it("are no trouble where they are what they should be", () => {
    expect([trouble("creds"), troubleWithFiles(undefined)]).toEqual([undefined, undefined]);
  });

  it.each([
    ["credentials that are not there", "nowhere", undefined, /^--nats-creds: .*\/nowhere cannot be read: ENOENT/],
    ["credentials that are none", "text", undefined, /^--nats-creds: .*\/text holds no credentials/],
    ["an authority that is not there", "creds", "nowhere", /^--nats-ca: .*\/nowhere cannot be read: ENOENT/],
    ["an authority that is none", "creds", "text", /^--nats-ca: .*\/text holds no certificate$/],
  ])("are named by their flag: %s", (_what, creds, ca, sentence) => expect(trouble(creds, ca)).toMatch(sentence));
});
