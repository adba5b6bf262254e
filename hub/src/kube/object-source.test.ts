import { type HTTPMonitor, parseHTTPMonitor } from "@sightline/shared/api";
import { systemClock } from "@sightline/shared";
import { silentLogger } from "@sightline/shared/telemetry";
import { KubeConfig } from "@kubernetes/client-node";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { idleMetrics } from "../testing/metrics.ts";
import { monitor } from "../testing/objects.ts";
import { createKubeClient } from "./client.ts";
import { Informer } from "./informer.ts";
import { kubeSource } from "./object-source.ts";
import { HTTP_MONITORS } from "./resources.ts";

/** What the server does with one request; the last one of a script is repeated. */
type Act = (response: ServerResponse, url: URL) => void;

/** An HTTP server that answers lists and watches as it is told, and remembers what it was asked. */
class ScriptedServer {
  readonly server: Server;
  lists: Act[] = [list([])];
  watches: Act[] = [stayOpen];
  readonly asked: { list: URL[]; watch: URL[] } = { list: [], watch: [] };

  constructor() {
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  async url(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    const address = this.server.address();
    return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "http://server");
    const kind = url.searchParams.get("watch") === "true" ? "watch" : "list";
    this.asked[kind].push(url);
    const script = kind === "watch" ? this.watches : this.lists;
    const act = script.length > 1 ? script.shift() : script[0];
    act?.(response, url);
  }
}

function list(items: unknown[], resourceVersion = "10", next?: string): Act {
  return (response) => void response.end(JSON.stringify({ metadata: { resourceVersion, continue: next ?? "" }, items }));
}

function status(code: number, reason = "InternalError"): Act {
  return (response) => void response.writeHead(code).end(JSON.stringify({ kind: "Status", code, reason, message: `scripted ${code}` }));
}

/** Sends the lines and leaves the watch open; a line is an event, or bytes as they are. */
function stream(...lines: (string | [string, unknown])[]): Act {
  return (response) => {
    response.writeHead(200);
    response.flushHeaders();
    for (const line of lines) response.write(typeof line === "string" ? line : `${JSON.stringify({ type: line[0], object: line[1] })}\n`);
  };
}

/** Ends the connection once everything was sent: in good order, or in the middle of the answer. */
function then(act: Act, end: "end" | "cut"): Act {
  return (response, url) => {
    act(response, url);
    if (end === "end") response.end();
    else response.socket?.end();
  };
}

const stayOpen: Act = stream();
const at = (name: string, version: number): HTTPMonitor => monitor({ metadata: { name, resourceVersion: String(version) } });

let server: ScriptedServer;
let informer: Informer<HTTPMonitor>;
let changes: string[];

beforeEach(() => {
  server = new ScriptedServer();
  changes = [];
});

/** Starts the informer. `patienceMs` is how long it bears a server that says nothing, beyond `watchMs` of a watch. */
async function start(patienceMs = 10_000, watchMs = 300_000): Promise<void> {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "c", server: await server.url(), skipTLSVerify: true }, { name: "u" });
  const client = createKubeClient(config, { clock: systemClock, timeoutMs: patienceMs });
  const source = kubeSource(client, HTTP_MONITORS, { pageSize: 2, listTimeoutMs: patienceMs, watchMs: () => watchMs, graceMs: patienceMs });
  const timing = { backoffBaseMs: 5, backoffMaxMs: 20, listGapMs: 0, staleMs: 10_000, relistMs: 600_000 };
  informer = new Informer({ resource: "httpmonitor", source, parse: parseHTTPMonitor, clock: systemClock, random: () => 0.5, logger: silentLogger, metrics: idleMetrics(), timing });
  informer.onChange((key, found) => changes.push(`${key} ${found?.metadata.resourceVersion ?? "gone"}`));
  informer.start();
}

afterEach(async () => {
  await informer.stop();
  server.server.closeAllConnections();
  server.server.close();
});

/** The informer is alive: an event of a later watch arrives. */
async function expectAlive(): Promise<void> {
  await vi.waitFor(() => expect(changes.at(-1)).toBe("shop/z 99"), { timeout: 5000 });
}

const alive = stream(["ADDED", at("z", 99)]);

describe("an informer over HTTP", () => {
  it("reads every page of a list", async () => {
    server.lists = [list([at("a", 1), at("b", 2)], "10", "more"), list([at("c", 3)])];
    await start();
    await informer.whenListed();
    expect(changes).toEqual(["shop/a 1", "shop/b 2", "shop/c 3"]);
    expect(server.asked.list.map(({ searchParams }) => [searchParams.get("limit"), searchParams.get("continue")])).toEqual([["2", null], ["2", "more"]]);
  });

  it("asks the watch for bookmarks and for an end, from the list's version", async () => {
    server.watches = [alive];
    await start();
    await expectAlive();
    const query = Object.fromEntries(server.asked.watch[0]?.searchParams ?? []);
    expect(query).toMatchObject({ resourceVersion: "10", allowWatchBookmarks: "true", timeoutSeconds: "300" });
  });

  it.each([
    ["a list that fails with 500", (): void => void (server.lists = [status(500), status(503), list([])])],
    ["a list that answers no JSON", (): void => void (server.lists = [(response) => void response.end("<html>"), list([])])],
    ["a list that answers no list", (): void => void (server.lists = [(response) => void response.end("{}"), list([])])],
    ["a list that is throttled", (): void => void (server.lists = [status(429, "TooManyRequests"), list([])])],
    ["a continue token that has expired", (): void => void (server.lists = [list([], "10", "old"), status(410, "Expired"), list([])])],
    ["a connection that is cut during a list", (): void => void (server.lists = [(response) => void response.socket?.destroy(), list([])])],
    ["a watch that is refused with 500", (): void => void (server.watches = [status(500), alive])],
    ["a watch that ends in good order", (): void => void (server.watches = [then(stayOpen, "end"), alive])],
    ["a watch that is cut", (): void => void (server.watches = [then(stayOpen, "cut"), alive])],
    ["a watch that is cut within a line", (): void => void (server.watches = [then(stream('{"type":"ADD'), "cut"), alive])],
    ["an error event without a code", (): void => void (server.watches = [stream(["ERROR", { message: "?" }]), alive])],
  ])("outlives %s", async (_name, script) => {
    server.watches = [alive];
    script();
    await start();
    await expectAlive();
    expect(informer.synced).toBe(true);
  });

  it.each([
    ["a list that never answers", (): void => void (server.lists = [() => undefined, list([])])],
    ["a watch that never answers", (): void => void (server.watches = [() => undefined, alive])],
    ["a watch that falls silent without being closed", (): void => void (server.watches = [stayOpen, alive])],
  ])("loses patience with %s", async (_name, script) => {
    server.watches = [alive];
    script();
    await start(100, 0);
    await expectAlive();
    expect(informer.synced).toBe(true);
  });

  it("goes on after a line that is no JSON", async () => {
    server.watches = [stream("this is no JSON\n", ["ADDED", at("z", 99)])];
    await start();
    await expectAlive();
    expect(server.asked.watch).toHaveLength(1);
  });

  it.each([
    ["an HTTP status", status(410, "Gone")],
    ["an event in the stream", stream(["ERROR", { kind: "Status", code: 410, reason: "Expired" }])],
  ])("lists anew when the version is gone, said by %s", async (_name, act) => {
    server.lists = [list([at("a", 1)]), list([at("b", 20)], "20")];
    server.watches = [act, alive];
    await start();
    await expectAlive();
    expect(changes).toEqual(["shop/a 1", "shop/b 20", "shop/a gone", "shop/z 99"]);
    expect(server.asked.watch.map(({ searchParams }) => searchParams.get("resourceVersion"))).toEqual(["10", "20"]);
  });

  it("resumes from a bookmark after the connection was cut", async () => {
    const events: [string, unknown][] = [["ADDED", at("a", 11)], ["BOOKMARK", { kind: "HTTPMonitor", metadata: { resourceVersion: "77" } }]];
    // In one piece: once the first is seen, the second has come, too.
    const lines = events.map(([type, found]) => `${JSON.stringify({ type, object: found })}\n`).join("");
    let opened: ServerResponse | undefined;
    const open: Act = (response, url) => {
      opened = response;
      stream(lines)(response, url);
    };
    server.watches = [open, alive];
    await start();
    await vi.waitFor(() => expect(changes).toEqual(["shop/a 11"]));
    opened?.socket?.destroy();
    await expectAlive();
    expect(server.asked.watch.at(-1)?.searchParams.get("resourceVersion")).toBe("77");
    expect(server.asked.list).toHaveLength(1);
  });

  it("stops at once while a watch is open", async () => {
    await start();
    await vi.waitFor(() => expect(server.asked.watch).toHaveLength(1));
    await informer.stop();
    await vi.waitFor(() => expect(server.server.listening).toBe(true));
  });
});
