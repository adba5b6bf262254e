import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { postAlerts } from "./alertmanager.ts";
import type { Alert } from "./leak-alerts.ts";

const ALERT: Alert = { labels: { alertname: "OrphanedResources" }, annotations: { summary: "Found 1 orphaned secrets" }, startsAt: 0, endsAt: 60_000, resolved: false };

let server: Server;
let url: string;
let dir: string;
let requests: { path: string; headers: IncomingHttpHeaders; body: unknown }[];
/** Status of each answer, until the list is over; then 200. */
let answers: number[];

beforeEach(async () => {
  [requests, answers] = [[], []];
  dir = await mkdtemp(join(tmpdir(), "sightline-alerts-"));
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/am/`;
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  requests.push({ path: request.url ?? "", headers: request.headers, body: await json(request) });
  response.writeHead(answers.shift() ?? 200, { "retry-after": "0" }).end("what it says");
}

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
  await rm(dir, { recursive: true, force: true });
});

function post(tokenFile?: string): Promise<void> {
  return postAlerts(url, [ALERT], { tokenFile, ca: undefined }, new AbortController().signal);
}

describe("the client of Alertmanager", () => {
  it("posts alerts as API v2 takes them, below the base URL's path", async () => {
    await post();
    expect(requests).toMatchObject([{ path: "/am/api/v2/alerts", body: [{ labels: ALERT.labels, annotations: ALERT.annotations, startsAt: "1970-01-01T00:00:00.000Z", endsAt: "1970-01-01T00:01:00.000Z" }] }]);
    expect(requests[0]?.headers.authorization).toBeUndefined();
  });

  it("sends the token as it is at that time", async () => {
    const file = join(dir, "token");
    await writeFile(file, "first\n");
    await post(file);
    await writeFile(file, "second\n");
    await post(file);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer first", "Bearer second"]);
  });

  it("tries again where it may help", async () => {
    answers = [503];
    await post();
    expect(requests).toHaveLength(2);
  });

  it("says what was refused, follows nobody elsewhere, and names an Alertmanager that is away", async () => {
    answers = [400];
    await expect(post()).rejects.toMatchObject({ code: "ALERTMANAGER_REFUSED", message: `${url} refused alerts: HTTP status 400: what it says` });
    answers = [302];
    await expect(post()).rejects.toThrow("redirects with HTTP status 302");
    expect(requests).toHaveLength(2);
    await expect(post(join(dir, "missing"))).rejects.toMatchObject({ code: "ALERTMANAGER_UNAVAILABLE" });
  });
});
