import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addSecretsFlags, readSecretsConfig, type SecretsConfig, type SecretsFlags, vaultPath } from "./vault-config.ts";

function read(...flags: string[]): SecretsConfig | string {
  const command = addSecretsFlags(new Command()).parse(["node", "hub", ...flags]);
  try {
    return readSecretsConfig(command.opts<SecretsFlags>(), (sentence) => {
      throw new Error(sentence);
    });
  } catch (error) {
    return String(error);
  }
}

const NEEDED = ["--vault-addr", "https://vault.example.com:8200", "--vault-auth-role", "hub"];

describe("the flags of secrets", () => {
  it("need no Vault", () => expect(read("--secrets-refresh", "5s")).toEqual({ refreshMs: 5000, vault: undefined }));

  it("fill in what is not said", () => {
    const auth = { kind: "kubernetes", mount: "kubernetes", role: "hub", tokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token" };
    expect(read(...NEEDED)).toEqual({ refreshMs: 60_000, vault: { address: "https://vault.example.com:8200/", namespace: undefined, ca: undefined, auth, prefix: "secret/data/sightline/{{namespace}}/" } });
  });

  it.each([
    [["--vault-addr", "http://vault.example.com"], "--vault-addr must be an https:// URL"],
    [["--vault-addr", "vault.example.com"], "--vault-addr must be a URL"],
    [["--vault-addr", "https://user:password@vault.example.com"], "--vault-addr must be a URL"],
    [["--vault-addr", "https://vault.example.com"], "needs either --vault-token-file or --vault-auth-role"],
    [[...NEEDED, "--vault-token-file", "/t"], "needs either --vault-token-file or --vault-auth-role"],
    [["--vault-token-file", "/t"], "need --vault-addr"],
    [[...NEEDED, "--vault-ca", "/no/such/file"], "--vault-ca cannot be read"],
    [[...NEEDED, "--vault-auth-path", "../sys"], "--vault-auth-path must be a path"],
    [[...NEEDED, "--vault-path-prefix", "secret/data/all/"], "must have {{namespace}} as one of its parts"],
    [[...NEEDED, "--vault-path-prefix", "secret/data/team-{{namespace}}/"], "must have {{namespace}} as one of its parts"],
    [[...NEEDED, "--vault-path-prefix", "secret/data/{{namespace}}"], "must end in a slash"],
    [[...NEEDED, "--vault-path-prefix", "secret/{{namespace}}/"], "must name the API's path of a KV engine"],
    [[...NEEDED, "--vault-path-prefix", "secret/data/../{{namespace}}/"], "must be a path such as"],
  ])("%j are refused with a sentence", (flags, sentence) => expect(read(...flags)).toContain(sentence));

  it.each(["http://127.0.0.1:8200", "http://localhost:8200", "http://[::1]:8200"])("bear %s: nothing leaves the machine", (address) => {
    expect(read("--vault-addr", address, "--vault-auth-role", "hub")).toMatchObject({ vault: { address: `${address}/` } });
  });
});

describe("a monitor's path in Vault", () => {
  const prefix = "secret/data/{{namespace}}/web/";
  it("begins behind its namespace's prefix", () => expect(vaultPath(prefix, "shop", "api/v1.2")).toBe("v1/secret/data/shop/web/api/v1.2"));
  it.each(["", "Shop", "a/b", "..", "a b"])("is none for %j, which is no namespace", (namespace) => expect(vaultPath(prefix, namespace, "api")).toBeUndefined());
});
