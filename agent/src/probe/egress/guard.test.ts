import type { LookupAddress } from "node:dns";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { LookupFunction } from "node:net";
import { systemClock } from "@sightline/shared";
import type { Check } from "@sightline/shared/wire";
import { afterEach, describe, expect, it } from "vitest";
import { cleanUp, closedPort, onCleanUp, serve, serveTcp, serveTrap } from "../../testing/servers.ts";
import { Prober, type ProbeOutcome } from "../probe.ts";
import { EgressGuard } from "./guard.ts";

afterEach(cleanUp);

/** Everything may be reached but what is protected; of loopback the address at which the targets are. */
const OPEN = { allow: ["0.0.0.0/0", "::/0", "127.0.0.1"], deny: [] };
const CLOSED = { allow: [], deny: ["127.0.0.0/8"] };

describe("F18: no connection is opened to a denied address", () => {
  it("when its name is bound anew: first to a good address, then to a denied one", async () => {
    const target = new URL(await serve((_request, response) => response.end("ok")));
    const trap = await serveTrap(Number(target.port));
    const world = new World(answering(["127.0.0.1"], [trap.host]));
    const url = `http://rebinding.example:${target.port}/`;
    expect(await world.probe({ url })).toMatchObject({ success: true });
    const { error } = await world.probe({ url });
    expect(error?.code).toBe("TARGET_DENIED");
    expect(error?.message).toMatch(/^target denied: (127\.0\.0\.2|::1) \(of rebinding\.example\) is a loopback address .*, which no monitor may reach$/);
    expect(trap.connections()).toBe(0);
  });

  it("when its name has a good address too: that one alone is tried, also when it refuses", async () => {
    const port = await closedPort();
    const trap = await serveTrap(port);
    const world = new World(answering([trap.host, "127.0.0.1", trap.host]));
    expect((await world.probe({ url: `http://both.example:${port}/` })).error?.code).toBe("CONNECT_REFUSED");
    expect(trap.connections()).toBe(0);
  });

  it.each([
    ["169.254.169.254", "169.254.169.254 (of metadata.example) is a metadata address of a cloud, which no monitor may reach"],
    ["169.254.1.1", "169.254.1.1 (of metadata.example) is a link-local address (169.254.0.0/16), which no monitor may reach"],
    ["64:ff9b::a9fe:a9fe", "169.254.169.254 (within 64:ff9b::a9fe:a9fe, of metadata.example) is a metadata address of a cloud, which no monitor may reach"],
  ])("when its name leads to %s", async (address, sentence) => {
    for (const scheme of ["http", "https"]) {
      const { error, phases } = await new World(answering([address])).probe({ url: `${scheme}://metadata.example/` });
      expect(error).toEqual({ code: "TARGET_DENIED", message: `target denied: ${sentence}` });
      expect(phases.connect).toBeUndefined();
    }
  });

  it("when a denied name is asked for: it is not even resolved", async () => {
    const world = new World(answering());
    world.egress.follow({ allow: [], deny: ["*.evil.example"] });
    expect((await world.probe({ url: "http://a.evil.example/" })).error?.message).toBe("target denied: a.evil.example is denied by the cluster's egress rules (deny *.evil.example)");
  });

  it("at the end of a chain of redirects", async () => {
    const trap = await serveTrap();
    const end: { location: string } = { location: "" };
    const url = await serve((request, response) => redirect(response, request.url === "/3" ? end.location : `/${Number(request.url?.slice(1)) + 1}`));
    const world = new World(answering([trap.host], [trap.host]));
    const denied = [
      `http://${trap.host.includes(":") ? `[${trap.host}]` : trap.host}:${trap.port}/`,
      `http://trap.example:${trap.port}/`,
      `https://trap.example:${trap.port}/`,
      "http://169.254.169.254/latest/meta-data/",
      "http://0xa9fea9fe/",
      "//[::ffff:a9fe:a9fe]/",
      "http://shop.example@169.254.169.254/",
    ];
    for (const location of denied) {
      end.location = location;
      const outcome = await world.probe({ url: `${url}/1` });
      expect([location, outcome.error?.code, outcome.statusCode]).toEqual([location, "TARGET_DENIED", 302]);
    }
    end.location = "file:///etc/passwd";
    expect((await world.probe({ url: `${url}/1` })).error?.code).toBe("INVALID_REDIRECT");
    expect(trap.connections()).toBe(0);
  });

  it("at a redirect to another port of an address that was closed meanwhile", async () => {
    const trapped: unknown[] = [];
    const trap = await serveTcp((socket) => trapped.push(socket));
    const world = new World();
    const url = await serve((_request, response) => {
      world.egress.follow(CLOSED);
      redirect(response, `http://${trap}/`);
    });
    expect((await world.probe({ url })).error?.message).toBe("target denied: 127.0.0.1 is denied by the cluster's egress rules (deny 127.0.0.0/8)");
    expect(trapped).toEqual([]);
  });

  it("and nothing is sent on one that was allowed only until it stood", async () => {
    const received: unknown[] = [];
    const address = await serveTcp((socket) => socket.on("data", (chunk) => received.push(chunk)));
    const world = new World((_host, _options, callback) => {
      callback(null, [{ address: "127.0.0.1", family: 4 }]);
      world.egress.follow(CLOSED);
    });
    expect((await world.probe({ url: `http://late.example:${new URL(`http://${address}`).port}/` })).error?.code).toBe("TARGET_DENIED");
    expect(received).toEqual([]);
  });

  it("also of a resolver that gives one address instead of a list", async () => {
    const world = new World((_host, _options, callback) => callback(null, "169.254.169.254", 4));
    expect((await world.probe({ url: "http://metadata.example/" })).error?.code).toBe("TARGET_DENIED");
  });
});

describe("a kept connection", () => {
  it("is judged anew at each use, and is closed when the rules deny it", async () => {
    const sockets = new Set<IncomingMessage["socket"]>();
    const url = await serve((request, response) => (sockets.add(request.socket), response.end("ok")));
    const world = new World();
    for (let round = 0; round < 2; round++) expect(await world.probe({ url, connection: "Reuse" })).toMatchObject({ success: true });
    expect(sockets.size).toBe(1);
    world.egress.follow(CLOSED);
    expect((await world.probe({ url, connection: "Reuse" })).error?.code).toBe("TARGET_DENIED");
    await expect.poll(() => [...sockets].every(({ closed }) => closed)).toBe(true);
    world.egress.follow(OPEN);
    expect(await world.probe({ url, connection: "Reuse" })).toMatchObject({ success: true });
    expect(sockets.size).toBe(2);
  });

  it("that waits for its next use is closed as soon as the rules deny it, and another one is not", async () => {
    const closed: string[] = [];
    const url = await serve((request, response) => {
      request.socket.once("close", () => closed.push(request.headers.host ?? ""));
      response.end("ok");
    });
    const { port } = new URL(url);
    const world = new World(answering(["127.0.0.1"]));
    await world.probe({ url: `http://shop.example:${port}/`, connection: "Reuse" }, "a");
    await world.probe({ url, connection: "Reuse" }, "b");
    world.egress.follow({ ...OPEN, deny: ["shop.example"] });
    world.prober.dropDenied();
    await expect.poll(() => closed).toEqual([`shop.example:${port}`]);
    expect((await world.probe({ url, connection: "Reuse" }, "b")).phases.connect).toBeUndefined();
  });
});

/** A prober with a resolver of its own. */
class World {
  readonly egress = new EgressGuard();
  readonly prober: Prober;

  constructor(lookup: LookupFunction = answering()) {
    this.egress.follow(OPEN);
    this.prober = new Prober({ clock: systemClock, egress: this.egress, lookup });
    onCleanUp(() => this.prober.close());
  }

  async probe(fields: Partial<Check> & { url: string }, uid = "a"): Promise<ProbeOutcome> {
    const check: Check = { method: "GET", headers: {}, intervalMs: 30_000, timeoutMs: 10_000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh", ...fields };
    const own = { userAgent: "t", cluster: "eu-1", region: "r", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-00` };
    const outcome = await this.prober.probe({ uid, check, own }).outcome;
    if (outcome === undefined) throw new Error("the probe was cancelled");
    return outcome;
  }
}

/** A resolver that gives these answers, one after the other; the last one again and again. One that may give none says so. */
function answering(...answers: string[][]): LookupFunction {
  let asked = 0;
  return (host, _options, callback) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)];
    if (addresses === undefined) throw new Error(`${host} was not to be resolved`);
    callback(null, addresses.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 })));
  };
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { Location: location }).end();
}
