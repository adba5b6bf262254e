import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readHubKeys } from "../identity/hub-keys.ts";
import { initCommand, type InitRequest, runInit } from "./init.ts";
import { commandLine } from "./program.ts";

let dir: string;
let printed: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sightline-init-"));
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((printed += String(text)), true));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(dir, { recursive: true, force: true });
});

const request = (): InitRequest => ({ dir: join(dir, "keys"), namespace: "sightline-system", natsUrl: ["tls://nats-0:4222"], natsCa: undefined, natsAccountsDir: "/data/jwt" });

describe("sightline init", () => {
  it("makes what hub and NATS need, for their owner's eyes only, and prints no key", async () => {
    await runInit(request());
    const made = request().dir;
    expect((await readdir(made)).toSorted()).toEqual(["keys", "nats-accounts.conf", "offline", "secret.json"]);
    const keys = await readHubKeys(join(made, "keys"));
    expect(keys.installation.nats).toEqual({ servers: ["tls://nats-0:4222"] });
    for (const file of await readdir(made, { recursive: true, withFileTypes: true })) {
      const { mode } = await stat(join(file.parentPath, file.name));
      if (file.isFile()) expect([file.name, (mode & 0o777).toString(8)]).toEqual([file.name, "600"]);
    }
    expect(printed).toContain("kubectl create -f");
    expect(printed).not.toContain(keys.operatorSigningSeed);
  });

  it("makes a Secret that holds the same files", async () => {
    await runInit(request());
    const secret: unknown = JSON.parse(await readFile(join(request().dir, "secret.json"), "utf8"));
    const keys = join(request().dir, "keys");
    const files = await Promise.all((await readdir(keys)).map(async (name) => [name, (await readFile(join(keys, name))).toString("base64")] as const));
    expect(secret).toMatchObject({ kind: "Secret", metadata: { name: "sightline-keys", namespace: "sightline-system" }, data: Object.fromEntries(files) });
  });

  it("never touches a folder in which something is", async () => {
    await writeFile(join(dir, "there"), "kept");
    await expect(runInit({ ...request(), dir })).rejects.toMatchObject({ code: "FOLDER_IN_USE" });
    expect(await readdir(dir)).toEqual(["there"]);
  });

  it("refuses an authority that is none before anything is made", async () => {
    const ca = join(dir, "ca.crt");
    await writeFile(ca, "no certificate");
    await expect(runInit({ ...request(), natsCa: ca })).rejects.toThrow(`the NATS CA file ${ca} holds no certificate`);
    expect(await readdir(dir)).toEqual(["ca.crt"]);
  });

  it("has to be told how agents reach NATS", async () => {
    const asked: InitRequest[] = [];
    const program = commandLine(initCommand((given) => Promise.resolve(void asked.push(given))));
    for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => undefined });
    await expect(program.parseAsync(["init"], { from: "user" })).rejects.toThrow("required option '--nats-url <urls>' not specified");
    await expect(program.parseAsync(["init", "--nats-url", "nats.example.com"], { from: "user" })).rejects.toThrow("It must be tls://host:port, such as tls://nats.example.com:4222");
    await program.parseAsync(["init", "--nats-url", "tls://a:4222,tls://b:4222"], { from: "user" });
    expect(asked).toEqual([{ dir: "sightline-keys", namespace: "sightline-system", natsUrl: ["tls://a:4222", "tls://b:4222"], natsAccountsDir: "/data/jwt" }]);
  });
});
