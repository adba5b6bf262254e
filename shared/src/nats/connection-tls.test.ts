import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { nkeys } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectNats } from "./connection.ts";
import type { CredentialSource } from "./credentials.ts";

const credentials: CredentialSource = () => ({ current: { jwt: "e30.e30.c2ln", seed: nkeys.createUser().getSeed() }, renew: () => false });
/** As a server says that has no TLS, or whose offer of TLS somebody on the way has taken out. */
const INFO = `INFO ${JSON.stringify({ server_id: "clear", version: "2.15.2", proto: 1, nonce: "bm9uY2U", auth_required: true, max_payload: 1_048_576 })}\r\n`;

let server: Server;
let port = 0;
const received: string[] = [];

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on("data", (bytes) => void received.push(bytes.toString()));
    socket.on("error", () => undefined);
    socket.write(INFO);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = address !== null && typeof address === "object" ? address.port : 0;
});

afterAll(() => void server.close());

describe("a server without TLS", () => {
  it.each([
    ["the system's authorities", {}],
    ["an authority of one's own", { ca: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" }],
  ])("is refused, and is shown nothing, by who trusts %s", async (_name, trusted) => {
    for (const servers of [[`tls://127.0.0.1:${port}`], [`127.0.0.1:${port}`]]) {
      await expect(connectNats({ servers, credentials, name: "test", onceWithinMs: 2000, ...trusted })).rejects.toMatchObject({ code: "NATS_UNAVAILABLE", message: "server does not support 'tls'" });
    }
    expect(received).toEqual([]);
  });
});
