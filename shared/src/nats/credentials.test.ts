import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nkeys } from "nats";
import { afterAll, describe, expect, it } from "vitest";
import { checkAuthority, credsFile, readCreds } from "./credentials.ts";
import { credsLike } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "sightline-credentials-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function creds(jwt?: string): string {
  return credsLike(new TextDecoder().decode(nkeys.createUser().getSeed()), jwt);
}

describe("a credentials file", () => {
  it("is read as NATS' own tools write it, with any line ends", () => {
    const text = creds("a.b.c");
    const seed = /\n(SU.*)\n/.exec(text)?.[1] ?? "";
    for (const [name, content] of [["hub", text], ["windows", text.replaceAll("\n", "\r\n")], ["bare", text.trim()]] as const) {
      const read = readCreds(file(`${name}.creds`, content));
      expect([read.jwt, new TextDecoder().decode(read.seed)]).toEqual(["a.b.c", seed]);
    }
  });

  it("that is missing, or holds something else, is named, and what it holds is not", () => {
    const missing = join(folder, "nowhere.creds");
    expect(() => readCreds(missing)).toThrow(`the NATS credentials file ${missing} cannot be read: ENOENT`);
    for (const content of ["hunter2", creds().slice(0, 80), credsLike("hunter2"), creds("no-jwt")]) {
      const wrong = file("wrong.creds", content);
      const sentence = `the NATS credentials file ${wrong} holds no credentials (a user JWT and its seed)`;
      expect(() => readCreds(wrong)).toThrow(expect.objectContaining({ code: "NATS_FILE_UNREADABLE", message: sentence }));
    }
  });

  it("that is exchanged is read anew, and one that is half written is passed over", () => {
    const [first, second] = [creds("a.b.1"), creds("a.b.2")];
    const path = file("agent.creds", first);
    const live = credsFile(path)();
    expect(live.renew()).toBe(false);
    file("agent.creds", second.slice(0, 20));
    expect(live.renew()).toBe(false);
    expect(live.current.jwt).toBe("a.b.1");
    file("agent.creds", second);
    expect(live.renew()).toBe(true);
    expect(live.current.jwt).toBe("a.b.2");
    file("agent.creds", creds("a.b.2"));
    expect(live.renew()).toBe(true);
  });
});

describe("a CA file", () => {
  it("without a certificate is named", () => {
    const path = file("ca.crt", "-----BEGIN NOTHING-----");
    expect(() => checkAuthority(path)).toThrow(`the NATS CA file ${path} holds no certificate`);
    expect(() => checkAuthority(join(folder, "nowhere.crt"))).toThrow("cannot be read: ENOENT");
  });
});
