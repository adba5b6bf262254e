import type { IncomingHttpHeaders } from "node:http";
import { systemClock } from "@sightline/shared";
import type { Check } from "@sightline/shared/wire";
import { afterEach, describe, expect, it } from "vitest";
import type { SecretValues } from "../secrets/secret-headers.ts";
import { loopbackAllowed } from "../testing/open-egress.ts";
import { cleanUp, onCleanUp, serve } from "../testing/servers.ts";
import { Prober, type ProbeOutcome } from "./probe.ts";

const OWN = { userAgent: "sightline-agent/test", cluster: "eu-1", region: "eu-west-1", traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-00` };
const CANARY = "kanarienvogel-1234";
const SECRETS: SecretValues = { values: { "X-Api-Key": CANARY } };

afterEach(cleanUp);

async function probe(fields: Partial<Check> & { url: string }, secrets: SecretValues = SECRETS): Promise<ProbeOutcome> {
  const prober = new Prober({ clock: systemClock, egress: loopbackAllowed() });
  onCleanUp(() => prober.close());
  const check: Check = { method: "GET", headers: {}, secretHeaders: ["X-Api-Key"], intervalMs: 30_000, timeoutMs: 5000, expectedStatuses: ["200"], redirects: { follow: true, max: 3 }, connection: "Fresh", ...fields };
  const outcome = await prober.probe({ uid: "1", check, own: OWN, secrets }).outcome;
  if (outcome === undefined) throw new Error("the probe was cancelled");
  return outcome;
}

describe("a probe with a secret header", () => {
  it("sends it", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const url = await serve((request, response) => (seen.push(request.headers), response.end()));
    expect(await probe({ url })).toMatchObject({ success: true });
    expect(seen[0]).toMatchObject({ "x-api-key": CANARY });
  });

  it("sends nothing at all when it is missing", async () => {
    let requests = 0;
    const url = await serve((_request, response) => ((requests += 1), response.end()));
    const outcome = await probe({ url }, { problem: "secret not found: X-Api-Key" });
    expect(outcome).toMatchObject({ success: false, statusCode: 0, error: { code: "SECRET_UNAVAILABLE", message: "secret not found: X-Api-Key" } });
    expect(requests).toBe(0);
  });

  it.each([302, 307])("drops it when a redirect (%i) leads to another origin, also when the next one leads back", async (status) => {
    const seen: string[] = [];
    const first = await serve((request, response) => {
      seen.push(`first ${request.url} ${String(request.headers["x-api-key"])}`);
      if (request.url === "/") response.writeHead(status, { location: "/here" }).end();
      else if (request.url === "/here") response.writeHead(status, { location: second }).end();
      else response.end();
    });
    const second = await serve((request, response) => {
      seen.push(`second ${request.url} ${String(request.headers["x-api-key"])}`);
      response.writeHead(status, { location: `${first}/back` }).end();
    });
    expect(await probe({ url: first })).toMatchObject({ success: true });
    expect(seen).toEqual([`first / ${CANARY}`, `first /here ${CANARY}`, "second / undefined", "first /back undefined"]);
  });

  it("keeps it out of its result when the target echoes it", async () => {
    const url = await serve((request, response) => response.writeHead(302, { location: `http://${String(request.headers["x-api-key"]).toUpperCase()}.invalid/` }).end());
    const outcome = await probe({ url });
    expect(outcome).toMatchObject({ success: false, error: { code: "DNS_NOT_FOUND", message: "host name not found: [secret].invalid" } });
    expect(JSON.stringify(outcome).toLowerCase()).not.toContain(CANARY);
  });

  it("keeps credentials that the monitor gives in clear out of it too", async () => {
    const url = await serve((request, response) => response.writeHead(302, { location: `http://${String(request.headers.authorization).split(" ")[1]}.invalid/` }).end());
    expect(await probe({ url, headers: { authorization: `Bearer ${CANARY}` } }, { values: {} })).toMatchObject({ error: { message: "host name not found: [secret].invalid" } });
  });

  it("says nothing of a value that no header can be", async () => {
    const outcome = await probe({ url: await serve((_request, response) => response.end()) }, { values: { "X-Api-Key": `${CANARY}\r\nX-Other: 1` } });
    expect(outcome).toMatchObject({ error: { code: "INVALID_REQUEST", message: "the request cannot be sent: a header holds a character that HTTP does not allow" } });
  });
});
