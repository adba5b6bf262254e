import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "@nats-io/jwt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hubKeysIn, readHubKeys } from "./hub-keys.ts";
import { credsText, type InstallationFiles, KEY_FILES, makeInstallation } from "./installation.ts";
import { encodeAgentsAccount, Minter } from "./minting.ts";
import { accountsConfig } from "./nats-accounts.ts";

const PLACE = { servers: ["tls://nats-0:4222"] };
let made: InstallationFiles;
let dir: string;
beforeAll(async () => {
  made = await makeInstallation(PLACE);
  dir = await mkdtemp(join(tmpdir(), "sightline-keys-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

interface Claim {
  imports?: { subject: string; local_subject?: string }[];
  exports?: { subject: string }[];
  limits?: Record<string, unknown>;
  signing_keys?: string[];
  revocations?: Record<string, number>;
  pub?: { allow: string[] };
  sub?: { allow: string[] };
  issuer_account?: string;
}

const claimOf = (jwt: string): Claim => decode<Claim>(jwt).nats;

describe("an installation", () => {
  it("is read back from its files", async () => {
    const folder = join(dir, "whole");
    await mkdir(folder);
    for (const [name, text] of Object.entries(made.keys)) await writeFile(join(folder, name), text);
    const keys = await readHubKeys(folder);
    expect(keys.installation).toEqual(made.public);
    expect(keys.signing.publicKey).toBe(made.public.hubSigning);
    expect(keys.sealing.publicKey).toBe(made.public.hubSealing);
    expect(keys.hmac.byteLength).toBe(32);
  });

  it("says which folder is meant when the one around it is named, and whose it is when it is nowhere", async () => {
    const around = join(dir, "around");
    await mkdir(join(around, "keys"), { recursive: true });
    for (const [name, text] of Object.entries(made.keys)) await writeFile(join(around, "keys", name), text);
    await expect(readHubKeys(around)).rejects.toThrow(`did you mean ${join(around, "keys")}?`);
    await expect(readHubKeys(join(dir, "nowhere"))).rejects.toThrow("name the folder keys of what sightline init made");
  });

  it.each(Object.values(KEY_FILES).filter((name) => !name.endsWith(".creds")))("names %s when it is missing or wrong, and says nothing of what it holds", (name) => {
    const { [name]: _, ...rest } = made.keys;
    expect(() => hubKeysIn(rest, "/keys")).toThrow(`/keys/${name} is missing: sightline init makes it`);
    expect(() => hubKeysIn({ ...rest, [name]: "hunter2" }, "/keys")).toThrow(`/keys/${name} is not what sightline init makes`);
    expect(() => hubKeysIn({ ...rest, [name]: "hunter2" }, "/keys")).not.toThrow("hunter2");
  });

  it("refuses a signing key of another installation", async () => {
    const other = await makeInstallation(PLACE);
    const mixed = { ...made.keys, [KEY_FILES.hubSigning]: other.keys[KEY_FILES.hubSigning] ?? "" };
    expect(() => hubKeysIn(mixed, "/keys")).toThrow("is another installation's than installation.json");
  });

  it("holds no identity key: those stay offline", () => {
    const online = JSON.stringify(made.keys);
    for (const seed of Object.values(made.offline)) expect(online).not.toContain(seed.trim());
  });

  it("imports exactly what the hub exports, and the JetStream API only under another name", () => {
    const { HUB, AGENTS } = made.public.accounts;
    const imports = claimOf(AGENTS.jwt).imports ?? [];
    expect(imports.map(({ subject }) => subject)).toEqual(claimOf(HUB.jwt).exports?.map(({ subject }) => subject));
    const api = imports.filter(({ subject }) => subject.startsWith("$JS.API."));
    expect(api.length).toBeGreaterThan(0);
    for (const { local_subject } of api) expect(local_subject).toMatch(/^hubapi\./);
    for (const { subject } of imports) expect(subject).not.toMatch(/^\$KV|^\$JS\.API\.>|^>/);
  });

  it("gives JetStream to the hub's account and to no other", () => {
    const { HUB, AGENTS, SYS } = made.public.accounts;
    expect(claimOf(HUB.jwt).limits).toMatchObject({ disk_storage: -1 });
    for (const { jwt } of [AGENTS, SYS]) expect(claimOf(jwt).limits?.["disk_storage"] ?? 0).toBe(0);
  });

  it("is made known to servers whole", () => {
    const config = accountsConfig(made.public, "/data/jwt");
    const { SYS, HUB, AGENTS } = made.public.accounts;
    expect(Object.keys(config.resolver_preload)).toEqual([SYS, HUB, AGENTS].map(({ publicKey }) => publicKey));
    expect(config.resolver.interval).toBe("15s");
  });
});

async function minted(kind: "join" | "resting" | "working"): Promise<Claim> {
  const keys = hubKeysIn(made.keys, "/keys");
  const minter = new Minter({ agents: keys.installation.accounts.AGENTS.publicKey, agentsSigningSeed: keys.agentsSigningSeed });
  const publicKey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
  const jwt = await minter.mint({ kind, cluster: "eu-1", publicKey, expiresAt: 2_000_000_000 });
  expect(decode(jwt)).toMatchObject({ sub: publicKey, exp: 2_000_000_000, iss: keys.installation.agentsSigning });
  return claimOf(jwt);
}

describe("credentials of an agent", () => {
  it.each([
    ["join", ["enrol.eu-1"], ["_INBOX_join_eu-1.>"]],
    ["resting", ["renew.eu-1"], ["_INBOX_eu-1.>"]],
  ] as const)("for %s allow that and nothing else", async (kind, publish, subscribe) => {
    const claim = await minted(kind);
    expect(claim).toMatchObject({ pub: { allow: publish }, sub: { allow: subscribe } });
  });

  it("for working name its own cluster in every subject", async () => {
    const { pub, sub, issuer_account } = await minted("working");
    expect(issuer_account).toBe(made.public.accounts.AGENTS.publicKey);
    for (const subject of [...(pub?.allow ?? []), ...(sub?.allow ?? [])]) expect(subject).toContain("eu-1");
    expect(JSON.stringify([pub, sub])).not.toMatch(/"_INBOX\.>"/);
  });
});

describe("revocations", () => {
  it("stand in the account, under the same key as before", async () => {
    const keys = hubKeysIn(made.keys, "/keys");
    const { AGENTS, HUB } = keys.installation.accounts;
    const jwt = await encodeAgentsAccount({ agents: AGENTS.publicKey, hub: HUB.publicKey, agentsSigning: keys.installation.agentsSigning, operatorSigningSeed: keys.operatorSigningSeed, revocations: { UABC: 1_700_000_000 } });
    expect(decode(jwt)).toMatchObject({ sub: AGENTS.publicKey, iss: decode(AGENTS.jwt).iss });
    expect(claimOf(jwt).revocations).toEqual({ UABC: 1_700_000_000 });
  });
});

describe("credsText", () => {
  it("is what NATS' own tools read", () => {
    expect(credsText("a.b.c", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY")).toMatch(/^-----BEGIN NATS USER JWT-----\na\.b\.c\n/);
  });
});
