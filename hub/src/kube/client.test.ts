import { systemClock } from "@sightline/shared";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKubeClient, fencedClient, type KubeClient, loadKubeConfig } from "./client.ts";

let dir: string;
let server: Server;
let asked: { method: string | undefined; url: string | undefined; type: string | undefined; authorization: string | undefined; body: string }[];
let answer: { code: number; text: string } | undefined;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-client-"));
  asked = [];
  answer = { code: 200, text: "{}" };
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      asked.push({ method, url, type: headers["content-type"], authorization: headers.authorization, body });
      if (answer !== undefined) response.writeHead(answer.code).end(answer.text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(dir, { recursive: true, force: true });
});

async function kubeconfig(url: string): Promise<string> {
  const file = path.join(dir, "kubeconfig");
  const text = { clusters: [{ name: "c", cluster: { server: url, "insecure-skip-tls-verify": true } }], users: [{ name: "u", user: { token: "secret" } }], contexts: [{ name: "x", context: { cluster: "c", user: "u" } }], "current-context": "x" };
  await writeFile(file, JSON.stringify(text));
  return file;
}

async function client(): Promise<KubeClient> {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return createKubeClient(loadKubeConfig(await kubeconfig(`http://127.0.0.1:${port}`)), { clock: systemClock, timeoutMs: 10_000 });
}

describe("the Kubernetes client", () => {
  it("sends credentials, query and JSON, and gives back what came", async () => {
    answer = { code: 201, text: '{"a":1}' };
    const got = await (await client()).request({ action: "x", method: "POST", path: "/p", query: { force: true, limit: 2, none: undefined }, body: { b: 2 } });
    expect(got).toEqual({ a: 1 });
    expect(asked).toEqual([{ method: "POST", url: "/p?force=true&limit=2", type: "application/json", authorization: "Bearer secret", body: '{"b":2}' }]);
  });

  it.each([
    ["merge", "application/merge-patch+json"],
    ["apply", "application/apply-patch+yaml"],
  ] as const)("says that a %s patch is one", async (patch, type) => {
    await (await client()).request({ action: "x", method: "PATCH", path: "/p", body: {}, patch });
    expect(asked[0]?.type).toBe(type);
  });

  it("tells a refusal by its code, and never shows the credentials", async () => {
    answer = { code: 403, text: '{"kind":"Status","reason":"Forbidden","message":"you may not"}' };
    const refused = (await client()).request({ action: "read it", method: "GET", path: "/p" });
    await expect(refused).rejects.toMatchObject({ code: "FORBIDDEN", message: "failed to read it: you may not" });
    await expect(refused).rejects.not.toThrow(/secret/);
  });

  it("gives up on a server that never answers, and when it is told to", async () => {
    answer = undefined;
    const made = await client();
    await expect(made.request({ action: "read it", method: "GET", path: "/p", timeoutMs: 50.5 })).rejects.toMatchObject({ code: "TIMEOUT", retryable: true });
    const stopping = new AbortController();
    const request = made.request({ action: "read it", method: "GET", path: "/p", signal: stopping.signal, timeoutMs: 60_000 });
    stopping.abort();
    await expect(request).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("takes an answer that is no JSON for a server that is not there", async () => {
    answer = { code: 200, text: "<html>" };
    await expect((await client()).request({ action: "read it", method: "GET", path: "/p" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("sends many requests over few connections", async () => {
    let connections = 0;
    server.on("connection", () => (connections += 1));
    const made = await client();
    for (let request = 0; request < 20; request += 1) await made.request({ action: "x", method: "GET", path: "/p" });
    expect(connections).toBeLessThan(4);
  });
});

function fence(open: () => boolean): { mayWrite: () => boolean; closed: AbortSignal; close: () => void } {
  const closing = new AbortController();
  return { mayWrite: () => open() && !closing.signal.aborted, closed: closing.signal, close: () => closing.abort() };
}

describe("a fenced client", () => {
  it("writes while the fence is open, and only reads afterwards", async () => {
    let open = true;
    const made = fencedClient(await client(), fence(() => open));
    await made.request({ action: "write it", method: "PATCH", path: "/p", body: {}, patch: "merge" });
    open = false;
    for (const method of ["POST", "PATCH", "DELETE"] as const) {
      await expect(made.request({ action: "write it", method, path: "/p" })).rejects.toMatchObject({ code: "NOT_LEADING", message: "failed to write it: this replica does not lead" });
    }
    await made.request({ action: "read it", method: "GET", path: "/p" });
    expect(asked.map(({ method }) => method)).toEqual(["PATCH", "GET"]);
  });

  it("looks once more right before a request leaves", async () => {
    let looks = 0;
    const made = fencedClient(await client(), fence(() => (looks += 1) < 2));
    await expect(made.request({ action: "write it", method: "POST", path: "/p" })).rejects.toMatchObject({ code: "NOT_LEADING" });
    expect(asked).toEqual([]);
  });

  it("ends what is under way when the fence closes", async () => {
    answer = undefined;
    const { close, ...open } = fence(() => true);
    const request = fencedClient(await client(), open).request({ action: "write it", method: "POST", path: "/p", timeoutMs: 60_000 });
    setImmediate(close);
    await expect(request).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("a kubeconfig", () => {
  it("that is missing, or names no cluster, is refused with what is wrong", async () => {
    expect(() => loadKubeConfig(path.join(dir, "absent"))).toThrow(/failed to read the kubeconfig .*absent: ENOENT/);
    const file = path.join(dir, "empty");
    await writeFile(file, "{}");
    expect(() => loadKubeConfig(file)).toThrow("failed to read the kubeconfig");
  });

  it.each([{}, { ca: "a certificate" }])("never lets HTTP/2 be spoken: %j", async (options) => {
    const config = loadKubeConfig(await kubeconfig("https://127.0.0.1:1"));
    expect(config.createDispatcherOptions(config.getCurrentCluster(), options)).toMatchObject({ type: "agent", connect: { allowH2: false } });
  });
});
