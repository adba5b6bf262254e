/** Free TCP ports on the loopback. */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Gives `count` different ports that are free now. Nothing keeps them free: whoever binds them must be ready to ask again. */
export type PortSource = (count: number) => Promise<number[]>;

/**
 * Below the range from which Linux (32768) and macOS (49152) take the ports of outgoing connections: a part that is
 * stopped for a while must find its port free when it comes back.
 */
const LOWEST = 15_000;
const HIGHEST = 32_000;

export const freePorts: PortSource = async (count) => {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
};

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
