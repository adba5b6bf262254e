import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newSealingKey, newSigningKey } from "@sightline/shared/identity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { issueAuthority } from "../testing/certificates.ts";
import { FileStore } from "./file-store.ts";
import { podAccess, SecretStore } from "./secret-store.ts";
import { newKeys, type StoredIdentity } from "./stored-identity.ts";

const identity: StoredIdentity = { v: 1, cluster: "eu-1", ...newKeys(), servers: ["tls://nats:4222"], hubKey: newSigningKey("hub").key.publicKey, hubSealingKey: newSealingKey().key.publicKey };

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sightline-stores-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("an identity in a file", () => {
  it("is read back, and is for its owner's eyes only", async () => {
    const store = new FileStore(dir);
    expect(await store.load()).toBeUndefined();
    await store.save(identity);
    expect(await new FileStore(dir).load()).toEqual(identity);
    expect((await stat(join(dir, "identity", "identity.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, "identity"))).mode & 0o777).toBe(0o700);
  });

  it.each([
    ["empty", ""],
    ["no JSON", "hunter2"],
    ["an empty object", "{}"],
    ["one without a seed", JSON.stringify({ ...identity, agentSeed: "hunter2" })],
    ["one of another version", JSON.stringify({ ...identity, v: 2 })],
  ])("that is %s is refused by a sentence that shows nothing of it", async (_name, text) => {
    const store = new FileStore(dir);
    await store.save(identity);
    await writeFile(join(dir, "identity", "identity.json"), text);
    await expect(store.load()).rejects.toMatchObject({ code: "IDENTITY_UNREADABLE", message: expect.stringContaining("holds no identity of an agent") as unknown });
    await expect(store.load()).rejects.not.toThrow(/hunter2|SUA/);
  });
});

describe("an identity in a Secret", () => {
  it("is read and written there by the pod's own token, and by a certificate that its cluster's authority issued", async () => {
    const authority = await issueAuthority("cluster");
    const { key, certificate } = await authority.issue("localhost", 1);
    let secret = JSON.stringify({ kind: "Secret" });
    let status = 200;
    const asked: string[] = [];
    const server = createServer({ key, cert: certificate }, (request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${request.headers["content-type"] ?? ""}`.trim());
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (request.method === "PATCH") secret = Buffer.concat(chunks).toString();
        response.writeHead(status, { "content-type": "application/json" }).end(secret);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await writeFile(join(dir, "token"), "first\n");
    await writeFile(join(dir, "ca.crt"), authority.pem);
    const store = new SecretStore({ host: "localhost", port, accountDir: dir }, { namespace: "sightline-agent", name: "own" });
    try {
      expect(await store.load()).toBeUndefined();
      await store.save(identity);
      await writeFile(join(dir, "token"), "second\n");
      expect(await store.load()).toEqual(identity);
      const path = "/api/v1/namespaces/sightline-agent/secrets/own";
      expect(asked).toEqual([`GET ${path} Bearer first`, `PATCH ${path} Bearer first application/merge-patch+json`, `GET ${path} Bearer second`]);
      status = 403;
      await expect(store.load()).rejects.toThrow("Secret sightline-agent/own cannot be read: the API server answered 403");
      await writeFile(join(dir, "ca.crt"), (await issueAuthority("another")).pem);
      await expect(store.load()).rejects.toThrow("Secret sightline-agent/own cannot be read: ");
      expect(asked).toHaveLength(4);
    } finally {
      server.close();
    }
  });

  it("is possible in a pod only", () => {
    expect(() => podAccess({})).toThrow("--identity-secret needs a pod");
    expect(podAccess({ KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" })).toMatchObject({ host: "10.0.0.1", port: 443 });
  });
});
