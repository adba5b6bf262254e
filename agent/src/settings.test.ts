import { describe, expect, it, vi } from "vitest";
import { readSettings } from "./settings.ts";

const REQUIRED = ["--cluster", "eu-1", "--nats-url", "tls://a:1,tls://b:2", "--nats-url", "tls://c:3", "--nats-creds", "/creds", "--hub-key", "NA,NB", "--data-dir", "/data"];

describe("the agent's settings", () => {
  it("need no more than its cluster and a folder: the join token says the rest", () => {
    expect(readSettings(["--cluster", "eu-1", "--data-dir", "/data", "--join-token-file", "/token", "--identity-secret", "a/b"])).toMatchObject({ joinTokenFile: "/token", identitySecret: { namespace: "a", name: "b" } });
  });

  it("have defaults for all that need not be said", () => {
    expect(readSettings(REQUIRED)).toEqual({
      cluster: "eu-1",
      ordinal: 0,
      natsUrl: ["tls://a:1", "tls://b:2", "tls://c:3"],
      natsCreds: "/creds",
      hubKey: ["NA", "NB"],
      nodeAddress: [],
      protectedAddress: [],
      dataDir: "/data",
      listen: { host: "127.0.0.1", port: 9464 },
      userAgent: "sightline-agent/0.1.0",
      maxConcurrency: 1000,
      traceRatio: 0.1,
      tracing: { protocol: "http/protobuf", url: undefined },
      logLevel: "info",
    });
  });

  it("name what no monitor may reach by ranges, addresses and hosts, and by no pattern", () => {
    expect(readSettings([...REQUIRED, "--protected-address", "10.0.0.0/24,fd00::7", "--protected-address", "API.example.com"]).protectedAddress).toEqual(["10.0.0.0/24", "fd00::7", "api.example.com"]);
    for (const wrong of ["10.0.0.0/33", "*.example.com", "https://a.example"]) {
      const ended = vi.spyOn(process, "exit").mockImplementation(() => {
        throw new Error("ended");
      });
      const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
      expect(() => readSettings([...REQUIRED, "--protected-address", wrong])).toThrow("ended");
      expect(said.mock.calls.flat().join("")).toContain("It must be CIDRs, addresses or host names");
      ended.mockRestore();
      said.mockRestore();
    }
  });

  it("come from the environment too", () => {
    const before = { ...process.env };
    Object.assign(process.env, { SIGHTLINE_MAX_CONCURRENCY: "7", SIGHTLINE_LISTEN: "[::]:80", SIGHTLINE_NATS_CA: "/ca" });
    try {
      expect(readSettings(REQUIRED)).toMatchObject({ maxConcurrency: 7, listen: { host: "::", port: 80 }, natsCa: "/ca" });
    } finally {
      process.env = before;
    }
  });
});
