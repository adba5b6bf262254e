import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@sightline/shared";
import { silentLogger } from "@sightline/shared/telemetry";
import { afterAll, describe, expect, inject, it } from "vitest";
import { Vault } from "../../../hub/src/secrets/vault.ts";
import type { VaultAuth } from "../../../hub/src/secrets/vault-config.ts";
import type { Reading } from "../../../hub/src/secrets/sources.ts";
import { conditionOf } from "../../kit/hub-api.ts";
import { textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type RealVault, startRealVault } from "./real-vault.ts";

const POLICY = 'path "secret/data/sightline/*" { capabilities = ["read"] }';
const ROLE = "sightline-hub";

let vault: RealVault;
let stage: Stage;
let dir: string;
let tokenValue = "t-1";

/** The hub logs in to Vault by the Kubernetes auth method, which asks the stage's own API server who that is. */
withStage(
  async () => {
    dir = await mkdtemp(join(tmpdir(), "sightline-vault-"));
    vault = await startRealVault(inject("vault"));
    await vault.ask("POST", "sys/policies/acl/sightline-hub", { policy: POLICY });
    await vault.ask("POST", "sys/auth/kubernetes", { type: "kubernetes" });
    await put("sightline/default/api", { token: tokenValue });
    const hub = ["--vault-addr", vault.url, "--vault-auth-role", ROLE, "--vault-auth-token-file", join(dir, "jwt"), "--secrets-refresh", "1s"];
    return (stage = await openStage("eu-1:eu-west-1:production", { flags: { hub } }));
  },
  async ({ sandbox, target }) => {
    const { server, ca, client } = sandbox.kube;
    await vault.ask("POST", "auth/kubernetes/config", { kubernetes_host: server, kubernetes_ca_cert: ca, token_reviewer_jwt: await serviceAccountToken(client) });
    await vault.ask("POST", `auth/kubernetes/role/${ROLE}`, { bound_service_account_names: ["http-monitor-operator"], bound_service_account_namespaces: ["sightline-system"], token_policies: ["sightline-hub"], token_ttl: "8s" });
    await writeFile(join(dir, "jwt"), await serviceAccountToken(client));
    target.behave("/", (request, response) => void response.writeHead(request.headers["authorization"] === tokenValue ? 200 : 401).end());
    await stage.api.apply(monitor("from-vault", { url: target.url("/"), headersFrom: [{ name: "Authorization", vault: { path: "api", key: "token" } }] }));
    await stage.api.untilVerdict("default/from-vault", "Healthy");
  },
);

afterAll(async () => {
  await vault?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

async function serviceAccountToken(client: Stage["sandbox"]["kube"]["client"]): Promise<string> {
  const answer = await client.post("api/v1/namespaces/sightline-system/serviceaccounts/http-monitor-operator/token", { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } });
  return textAt(answer, "status", "token") ?? "";
}

async function put(path: string, data: object): Promise<void> {
  await vault.ask("POST", `secret/data/${path}`, { data });
}

/** Changes the secret, and waits until a probe brings it to the target. */
async function putSeen(value: string): Promise<void> {
  tokenValue = value;
  await put("sightline/default/api", { token: value });
  await waitUntil({ what: `a probe with ${value}`, timeoutMs: 90_000 }, () => stage.target.seen("/").some(({ headers }) => headers["authorization"] === value));
}

/** Reads as the hub does, by whatever token a test wants. */
async function read(name: string, { auth, prefix = "secret/data/sightline/{{namespace}}/" }: { auth?: VaultAuth; prefix?: string } = {}): Promise<string> {
  const file = join(dir, "token");
  await writeFile(file, vault.rootToken);
  const reader = new Vault({ address: `${vault.url}/`, namespace: undefined, ca: undefined, prefix, auth: auth ?? { kind: "token", file } }, { clock: systemClock, logger: silentLogger });
  return said(await reader.read({ kind: "vault", namespace: "default", name }));
}

function said(reading: Reading): string {
  return reading.kind === "found" ? `found ${[...reading.values].map((pair) => pair.join("=")).join(" ")}` : `${reading.kind}: ${reading.reason}`;
}

const byLogin = (change: object = {}): VaultAuth => ({ kind: "kubernetes", mount: "kubernetes", role: ROLE, tokenFile: join(dir, "jwt"), ...change });

async function resolvedAs(status: string, reason: string): Promise<void> {
  await stage.api.untilStatus("default/from-vault", reason, (found) => {
    const condition = conditionOf(found, "SecretsResolved");
    return condition?.status === status && condition.reason === reason;
  });
}

describe("Vault's own server", () => {
  it("serves a secret, by a token and by a login", async () => {
    await put("sightline/default/mixed", { text: "a", number: 1, flag: true, inner: { b: 2 } });
    expect(await read("mixed")).toBe("found flag=true number=1 text=a");
    expect(await read("mixed", { auth: byLogin() })).toBe("found flag=true number=1 text=a");
  });

  it("says what it does not have: no path, a deleted version, a destroyed one, no engine", async () => {
    expect(await read("none")).toBe("absent: does not exist");
    await put("sightline/default/deleted", { a: "1" });
    await vault.ask("DELETE", "secret/data/sightline/default/deleted");
    expect(await read("deleted")).toBe("absent: does not exist");
    await put("sightline/default/destroyed", { a: "1" });
    await vault.ask("POST", "secret/destroy/sightline/default/destroyed", { versions: [1] });
    expect(await read("destroyed")).toBe("absent: does not exist");
    expect(await read("any", { prefix: "nowhere/data/{{namespace}}/" })).toBe("absent: does not exist: no KV engine answers there");
  });

  it("denies what the hub's policy does not name, and logins that its role does not", async () => {
    await put("elsewhere/default/api", { token: "x" });
    expect(await read("api", { auth: byLogin(), prefix: "secret/data/elsewhere/{{namespace}}/" })).toBe("unreachable: may not be read by the hub: Vault denies it");
    expect(await read("api", { auth: byLogin({ role: "another" }) })).toContain("refuses the hub's login as role another");
  });

  it("is read on when the life of the hub's token is over, and when all tokens of its role are revoked", async () => {
    // The role's tokens live for 8 s.
    const begin = Date.now();
    await waitUntil({ what: "two lives of a token", timeoutMs: 60_000 }, () => Date.now() - begin > 16_000);
    await putSeen("t-after-two-lives");
    await vault.ask("POST", "sys/leases/revoke-prefix/auth/kubernetes/login", {});
    await putSeen("t-after-revocation");
  });

  it("brings a changed value to the agent", async () => {
    await putSeen("t-2");
    await stage.api.untilVerdict("default/from-vault", "Healthy");
  });

  it("that is sealed leaves the last value in use, and is read again once it is unsealed", async () => {
    await vault.seal();
    expect(await read("api")).toBe("unreachable: is not known: Vault is sealed");
    await resolvedAs("Unknown", "SourceUnavailable");
    stage.target.forget();
    await waitUntil({ what: "another good probe", timeoutMs: 60_000 }, () => stage.target.seen("/").some(({ headers }) => headers["authorization"] === tokenValue));
    await vault.unseal();
    await resolvedAs("True", "Resolved");
  });
});
