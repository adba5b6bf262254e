import { createServer } from "node:http";

/**
 * A target in a process of its own, that only answers and counts: the benchmark's own work must not delay it. Tells its
 * port when it listens, answers each message with the number of requests so far, and ends with the one who started it.
 */
let requests = 0;
const server = createServer((_request, response) => {
  requests += 1;
  response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
});
process.on("message", () => process.send?.({ requests }));
process.once("disconnect", () => process.exit(0));
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" && address !== null ? address.port : 0 });
});
