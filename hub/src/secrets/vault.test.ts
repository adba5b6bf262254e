import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@sightline/shared/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { VaultServer } from "../testing/vault-server.ts";
import type { Reading } from "./sources.ts";
import { Vault } from "./vault.ts";
import type { VaultAuth, VaultConfig } from "./vault-config.ts";

let server: VaultServer;
let dir: string;
let clock: ManualClock;
let logger: RecordingLogger;

beforeEach(async () => {
  server = await VaultServer.start();
  dir = await mkdtemp(join(tmpdir(), "sightline-vault-"));
  clock = new ManualClock();
  logger = new RecordingLogger();
  await writeFile(join(dir, "token"), "hvs.root\n");
  await writeFile(join(dir, "jwt"), "service-account-jwt");
  server.roles.set("hub", "service-account-jwt");
  server.put("sightline/shop/api", { token: "t-1", retries: 3, on: true, nested: { a: 1 } });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const byToken = (): VaultAuth => ({ kind: "token", file: join(dir, "token") });
const byLogin = (): VaultAuth => ({ kind: "kubernetes", mount: "kubernetes", role: "hub", tokenFile: join(dir, "jwt") });

function vault(auth: VaultAuth = byToken(), change: Partial<VaultConfig> = {}): Vault {
  return new Vault({ address: `${server.url}/`, namespace: undefined, ca: undefined, prefix: "secret/data/sightline/{{namespace}}/", auth, ...change }, { clock, logger });
}

const read = (one: Vault, name = "api", namespace = "shop"): Promise<Reading> => one.read({ kind: "vault", namespace, name });
const reasonOf = (reading: Reading): string => (reading.kind === "found" ? "found" : `${reading.kind}: ${reading.reason}`);
const paths = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);

describe("Vault", () => {
  it("gives the texts of a secret below the namespace's own prefix", async () => {
    expect(await read(vault())).toEqual({ kind: "found", values: new Map([["token", "t-1"], ["retries", "3"], ["on", "true"]]) });
    expect(paths()).toEqual(["GET /v1/secret/data/sightline/shop/api"]);
    expect(server.requests[0]).toMatchObject({ token: "hvs.root", namespace: undefined });
  });

  it("is asked in its namespace, where one is named", async () => {
    await read(vault(byToken(), { namespace: "team" }));
    expect(server.requests[0]?.namespace).toBe("team");
  });

  it.each(["../payments/api", "..", ".", "/api", "a//b", "a/../b", "a/..", "%2e%2e/api", "a%2fb", "a?version=1", "a#b", "a\\b", "", "a/", "ａ"])("is not asked for %j, which may lead elsewhere", async (name) => {
    expect(reasonOf(await read(vault(), name))).toBe("absent: is no path that a monitor may name");
    expect(paths()).toEqual([]);
  });

  it("tells what is not there from what it keeps back and from what it cannot say", async () => {
    const one = vault();
    expect(reasonOf(await read(one, "none"))).toBe("absent: does not exist");
    server.put("sightline/shop/gone", undefined);
    expect(reasonOf(await read(one, "gone"))).toBe("absent: does not exist");
    expect(reasonOf(await read(vault(byToken(), { prefix: "nowhere/data/{{namespace}}/" })))).toBe("absent: does not exist: no KV engine answers there");
    server.denied.add("/v1/secret/data/sightline/shop/api");
    expect(reasonOf(await read(one))).toBe("unreachable: may not be read by the hub: Vault denies it");
    server.sealed = true;
    expect(reasonOf(await read(one))).toBe("unreachable: is not known: Vault is sealed");
  });

  it.each([
    [500, "answers HTTP 500"],
    [429, "answers HTTP 429"],
    [307, "redirects (HTTP 307): --vault-addr must name the active server, or what leads to it"],
  ])("that answers %i says nothing", async (status, sentence) => {
    server.answer = (_request, response) => void response.writeHead(status, { location: `${server.url}/elsewhere` }).end();
    expect(reasonOf(await read(vault()))).toBe(`unreachable: is not known: Vault ${sentence}`);
  });

  it("tells nothing of an answer that it cannot read", async () => {
    server.answer = (_request, response) => void response.end('{"data": "kanarienvogel');
    expect(reasonOf(await read(vault()))).toBe("unreachable: is not known: Vault answers HTTP 200 without a secret of a KV engine, version 2");
  });

  it("is tried twice when it stumbles", async () => {
    server.answer = (_request, response) => {
      server.answer = undefined;
      response.writeHead(502).end();
    };
    expect((await read(vault())).kind).toBe("found");
  });

  it("is left alone for a while when it cannot be reached, and says so once", async () => {
    const one = vault();
    server.sealed = true;
    for (const name of ["a", "b", "c"]) expect(reasonOf(await read(one, name))).toBe("unreachable: is not known: Vault is sealed");
    expect(paths()).toEqual(["GET /v1/secret/data/sightline/shop/a"]);
    server.sealed = false;
    await clock.advance(5000);
    expect((await read(one)).kind).toBe("found");
    expect(logger.lines.map(({ message }) => message)).toEqual(["Vault cannot be read", "Vault can be read again"]);
  });

  it("says why nobody answers", async () => {
    const one = vault();
    await server[Symbol.asyncDispose]();
    expect(reasonOf(await read(one))).toBe("unreachable: is not known: Vault cannot be reached: ECONNREFUSED");
    server = await VaultServer.start();
  });

  it("is read by a token that somebody exchanges in its file", async () => {
    const one = vault();
    server.tokens.delete("hvs.root");
    server.tokens.add("hvs.next");
    expect(reasonOf(await read(one))).toBe("unreachable: may not be read by the hub: Vault denies it");
    await writeFile(join(dir, "token"), "hvs.next");
    expect((await read(one)).kind).toBe("found");
  });

  it.each([
    ["is missing", undefined, "ENOENT"],
    ["is empty", "", "holds no token"],
    ["holds two lines", "a\nb", "holds no token"],
  ])("cannot be read when the file of the token %s", async (_how, text, sentence) => {
    await (text === undefined ? rm(join(dir, "token")) : writeFile(join(dir, "token"), text));
    expect(reasonOf(await read(vault()))).toBe("unreachable: is not known: Vault cannot be asked: the hub has no token for it");
    expect(logger.lines[0]?.fields).toMatchObject({ error_type: "VAULT_REFUSED" });
    expect(String(logger.lines[0]?.fields["cause"])).toContain(sentence);
  });
});

describe("a login by Vault's Kubernetes auth method", () => {
  it("serves for all reads, and is renewed at half of its time", async () => {
    const one = vault(byLogin());
    await Promise.all([read(one), read(one)]);
    await clock.advance(1_799_000);
    await read(one);
    expect(paths().filter((path) => path.startsWith("POST"))).toEqual(["POST /v1/auth/kubernetes/login"]);
    await clock.advance(1000);
    await read(one);
    expect(paths().filter((path) => path.startsWith("POST"))).toEqual(["POST /v1/auth/kubernetes/login", "POST /v1/auth/token/renew-self"]);
  });

  it("is made anew where renewing fails, or brings little", async () => {
    const one = vault(byLogin());
    await read(one);
    server.tokens.clear();
    await clock.advance(1_800_000);
    expect((await read(one)).kind).toBe("found");
    server.lease.seconds = 60;
    await clock.advance(1_800_000);
    expect((await read(one)).kind).toBe("found");
    expect(paths().filter((path) => path.endsWith("login"))).toHaveLength(3);
  });

  it("is made anew when its token is refused, but not for each path that is denied", async () => {
    const one = vault(byLogin());
    await read(one);
    server.tokens.clear();
    await clock.advance(61_000);
    expect((await read(one)).kind).toBe("found");
    server.denied.add("/v1/secret/data/sightline/shop/api");
    expect((await read(one)).kind).toBe("unreachable");
    expect((await read(one)).kind).toBe("unreachable");
    expect(paths().filter((path) => path.endsWith("login"))).toHaveLength(2);
  });

  it("that is refused is said with its role", async () => {
    await writeFile(join(dir, "jwt"), "another-jwt");
    expect(reasonOf(await read(vault(byLogin())))).toBe("unreachable: is not known: Vault refuses the hub's login as role hub at auth/kubernetes (HTTP 403)");
  });
});
