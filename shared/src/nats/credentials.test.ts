import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nkeys } from "nats";
import { afterAll, describe, expect, it } from "vitest";
import { checkAuthority, Key, readSeed } from "./credentials.ts";

const folder = mkdtempSync(join(tmpdir(), "sightline-credentials-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function seed(): string {
  return new TextDecoder().decode(nkeys.createUser().getSeed());
}

describe("a seed file", () => {
  it("may end with a line break", () => {
    const text = seed();
    expect(new TextDecoder().decode(readSeed(file("hub.nk", `${text}\n`)))).toBe(text);
  });

  it("that is missing, or holds something else, is named, and what it holds is not", () => {
    const missing = join(folder, "nowhere.nk");
    expect(() => readSeed(missing)).toThrow(`the NKey seed file ${missing} cannot be read: ENOENT`);
    const wrong = file("wrong.nk", "hunter2");
    expect(() => readSeed(wrong)).toThrow(expect.objectContaining({ code: "NATS_FILE_UNREADABLE", message: `the NKey seed file ${wrong} is no NKey seed` }));
  });

  it("that is exchanged is read anew, and one that is half written is passed over", () => {
    const [first, second] = [seed(), seed()];
    const path = file("agent.nk", first);
    const key = new Key(path);
    expect(key.renew()).toBe(false);
    file("agent.nk", second.slice(0, 20));
    expect(key.renew()).toBe(false);
    expect(new TextDecoder().decode(key.seed)).toBe(first);
    file("agent.nk", second);
    expect(key.renew()).toBe(true);
    expect(new TextDecoder().decode(key.seed)).toBe(second);
  });
});

describe("a CA file", () => {
  it("without a certificate is named", () => {
    const path = file("ca.crt", "-----BEGIN NOTHING-----");
    expect(() => checkAuthority(path)).toThrow(`the NATS CA file ${path} holds no certificate`);
    expect(() => checkAuthority(join(folder, "nowhere.crt"))).toThrow("cannot be read: ENOENT");
  });
});
