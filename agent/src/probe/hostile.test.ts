import { systemClock } from "@sightline/shared";
import { afterEach, describe, expect, it } from "vitest";
import { loopbackAllowed } from "../testing/open-egress.ts";
import { cleanUp, onCleanUp, serve, serveTcp } from "../testing/servers.ts";
import { Prober } from "./probe.ts";

afterEach(cleanUp);

/** Many hostile targets at once: the agent's memory stays bounded, and every probe ends. */
describe("fifty probes of each hostile target at once", () => {
  it("end by their timeout although the targets never would, with little memory", async () => {
    const TIMEOUT = 1000;
    const flood = Buffer.alloc(256 * 1024, "x");
    const endless = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(flood));
        response.once("drain", more);
      };
      more();
    });
    const headers = await serveTcp((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write("X-Filler: 0123456789\r\n".repeat(1000)));
        socket.once("drain", more);
      };
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n");
        more();
      });
    });
    const silent = await serveTcp((socket) => socket.resume());
    const loop = await serve((_request, response) => response.writeHead(302, { Location: "/again" }).end());
    const prober = new Prober({ clock: systemClock, egress: loopbackAllowed() });
    onCleanUp(() => prober.close());
    const before = process.memoryUsage().rss;
    const urls = [endless, `http://${headers}/`, `http://${silent}/`, `https://${silent}/`, loop];
    const outcomes = await Promise.all(
      urls.flatMap((url) =>
        Array.from({ length: 50 }, (_none, n) => {
          const check = { url, method: "GET", headers: {}, intervalMs: 30_000, timeoutMs: TIMEOUT, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh" as const };
          const own = { userAgent: "t", cluster: "eu-1", region: "r", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-00` };
          return prober.probe({ uid: `${url}${n}`, check, own }).outcome;
        }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome?.success === true).every((outcome) => outcome?.statusCode === 200)).toBe(true);
    for (const outcome of outcomes) expect([undefined, "TIMEOUT", "CONNECT_TIMEOUT", "INVALID_RESPONSE", "TOO_MANY_REDIRECTS"]).toContain(outcome?.error?.code);
    // The servers run in this process too: most of what it grew by is what they had to send.
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * 1024 ** 2);
  });
});
