import { connectNats, credsFile } from "@sightline/shared/nats";
import { describe, expect, it } from "vitest";

import { freePorts } from "../../kit/ports.ts";
import { AgentBench } from "./support.ts";

describe("a connection to NATS", () => {
  const bench = new AgentBench();

  it("keeps the servers that did not answer at first: they may when the one that did is gone", async () => {
    const { url, caFile, hubCredsFile } = bench.nats.nats;
    const silent = (await freePorts(3)).map((port) => `tls://127.0.0.1:${port}`);
    const connection = await connectNats({ servers: [...silent, url], caFile, credentials: credsFile(hubCredsFile), name: "test" });
    const known = connection.getServers().map(({ port }) => `tls://127.0.0.1:${port}`);
    await connection.close();
    expect(new Set(known)).toEqual(new Set([...silent, url]));
  });

  it("says which server refused it, and why", async () => {
    const { caFile, hubCredsFile, url } = bench.nats.nats;
    const [port = 0] = await freePorts(1);
    const connect = (servers: string[], file: string): Promise<unknown> => connectNats({ servers, caFile, credentials: credsFile(file), name: "test" });
    await expect(connect([`tls://127.0.0.1:${port}`], hubCredsFile)).rejects.toMatchObject({ code: "NATS_UNAVAILABLE", message: `connection refused: connect ECONNREFUSED 127.0.0.1:${port}` });
    await expect(connect([url], `${hubCredsFile}.none`)).rejects.toMatchObject({ code: "NATS_FILE_UNREADABLE" });
  });
});
