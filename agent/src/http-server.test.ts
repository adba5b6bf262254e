import { get } from "node:http";
import { silentLogger } from "@sightline/shared/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import { type Readiness, serveHttp } from "./http-server.ts";

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

async function* slices(): AsyncGenerator<string> {
  yield "m 1\n";
  yield "m 2\n";
}

async function serve(readiness: Readiness, metrics: () => AsyncIterable<string> = slices): Promise<string> {
  const server = await serveHttp({ host: "127.0.0.1", port: 0, metrics, readiness: () => readiness, log: silentLogger });
  close = () => server.close();
  return `http://${server.address}`;
}

function fetchText(url: string): Promise<{ status: number | undefined; type: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode, type: response.headers["content-type"], body }));
    }).on("error", reject);
  });
}

describe("the agent's HTTP server", () => {
  it("serves metrics and health, and nothing else", async () => {
    const url = await serve({});
    expect(await fetchText(`${url}/metrics`)).toEqual({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: "m 1\nm 2\n" });
    expect(await fetchText(`${url}/healthz?x=1`)).toMatchObject({ status: 200, body: "ok\n" });
    expect(await fetchText(`${url}/`)).toMatchObject({ status: 404 });
  });

  it("says what is not ready", async () => {
    expect(await fetchText(`${await serve({ a: undefined })}/readyz`)).toMatchObject({ status: 200, body: '{"ready":true,"notReady":[]}\n' });
    await close?.();
    expect(await fetchText(`${await serve({ a: undefined, b: "not yet" })}/readyz`)).toMatchObject({ status: 503, body: '{"ready":false,"notReady":[{"part":"b","reason":"not yet"}]}\n' });
  });
});
