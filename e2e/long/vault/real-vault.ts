import { spawn } from "node:child_process";
import { once } from "node:events";
import got from "got";
import { textAt } from "../../kit/json.ts";
import { freePorts } from "../../kit/ports.ts";
import { waitUntil } from "../../kit/wait.ts";

/** Vault's own core and HTTP API, in memory: unsealed, with a KV engine (version 2) under `secret/`. */
export interface RealVault extends AsyncDisposable {
  url: string;
  rootToken: string;
  /** Asks its API as root. @throws when it refuses. */
  ask(method: "GET" | "POST" | "DELETE", path: string, json?: object): Promise<unknown>;
  seal(): Promise<void>;
  unseal(): Promise<void>;
}

export async function startRealVault(binary: string): Promise<RealVault> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(binary, ["-listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += String(text)));
  const found = (name: string): string => new RegExp(`${name}: (\\S+)`).exec(said)?.[1] ?? "";
  await waitUntil({ what: "Vault to tell its root token", timeoutMs: 60_000 }, () => found("Root Token") !== "");
  const rootToken = found("Root Token");
  const ask: RealVault["ask"] = async (method, path, json) => {
    const options = { method, headers: { "x-vault-token": rootToken }, ...(json === undefined ? {} : { json }), retry: { limit: 0 } };
    const body = await got(`${url}/v1/${path}`, options).text();
    const answer: unknown = body === "" ? undefined : JSON.parse(body);
    return answer;
  };
  await waitUntil({ what: `Vault to be ready; it says ${said}`, timeoutMs: 60_000 }, async () => {
    await ask("GET", "sys/health");
    return true;
  });
  await ask("POST", "sys/mounts/secret", { type: "kv", options: { version: "2" } });
  // A fresh engine upgrades itself first.
  await waitUntil({ what: "the KV engine to be ready", timeoutMs: 60_000 }, async () => {
    await ask("POST", "secret/data/first", { data: {} });
    return true;
  });
  return {
    url,
    rootToken,
    ask,
    seal: async () => void (await ask("POST", "sys/seal", {})),
    unseal: async () => {
      const answer = await ask("POST", "sys/unseal", { key: found("Unseal Key") });
      if (textAt(answer, "errors", 0) !== undefined) throw new Error("Vault could not be unsealed");
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
