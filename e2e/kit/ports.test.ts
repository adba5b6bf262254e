import { createServer } from "node:net";

import { describe, expect, it } from "vitest";

import { freePorts } from "./ports.ts";

describe("freePorts", () => {
  it("gives different ports below the range of outgoing connections, which can be bound", async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    expect(ports.every((port) => port >= 15_000 && port < 32_000)).toBe(true);
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(ports[0], "127.0.0.1", resolve);
    });
    server.close();
  });
});
