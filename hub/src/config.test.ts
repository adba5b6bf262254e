import { describe, expect, it, vi } from "vitest";
import { readConfig } from "./config.ts";

const NEEDED = ["node", "main.ts", "--nats-url", "tls://a:4222, tls://b:4222", "--keys-dir", "/etc/keys"];

/** What it says before it ends the process. */
function complaintOf(...words: string[]): string {
  const said: string[] = [];
  const [write, exit] = [vi.spyOn(process.stderr, "write"), vi.spyOn(process, "exit")];
  write.mockImplementation((text) => (said.push(String(text)), true));
  exit.mockImplementation(() => {
    throw new Error("exits");
  });
  try {
    expect(() => readConfig([...NEEDED, ...words])).toThrow("exits");
  } finally {
    write.mockRestore();
    exit.mockRestore();
  }
  return said.join("");
}

describe("readConfig", () => {
  it("fills in what is not said", () => {
    expect(readConfig(NEEDED)).toEqual({
      kubeconfig: undefined,
      natsServers: ["tls://a:4222", "tls://b:4222"],
      keysDir: "/etc/keys",
      natsCaFile: undefined,
      natsReplicas: 1,
      tls: undefined,
      listen: { host: "0.0.0.0", port: 8080 },
      metricsAuthorization: false,
      logLevel: "info",
      placeUnreviewed: false,
      defaultIntervalMs: 30_000,
      defaultTimeoutMs: 5000,
      concurrency: 8,
      refreshBudget: 50,
      transitionBudget: 100,
      pairSeriesLimit: 10_000,
      identity: undefined,
      leaseNamespace: "sightline-system",
      leaseDurationMs: 12_000,
      leaseRenewIntervalMs: 4000,
      leaseRenewDeadlineMs: 9000,
      leaks: { intervalMs: 300_000, ageMs: 600_000 },
      alerts: { urls: [], tokenFile: undefined, ca: undefined },
      audit: { path: undefined, maxBytes: 104_857_600, maxFiles: 10 },
      secrets: { refreshMs: 60_000, vault: undefined },
      debug: { listen: undefined, tls: undefined, reconciliation: false, profileDir: undefined },
      tracing: { protocol: "http/protobuf", url: undefined },
      traceRatio: 0.1,
    });
  });

  it("asks nobody for a token in clear", () => {
    expect(complaintOf("--metrics-authorization")).toContain("--metrics-authorization needs --tls-cert and --tls-key");
    expect(readConfig([...NEEDED, "--metrics-authorization", "--listen", "127.0.0.1:8080"]).metricsAuthorization).toBe(true);
  });

  it("places what nobody reviewed only where it is told to, and nothing is reviewed", () => {
    expect(readConfig([...NEEDED, "--place-unreviewed"]).placeUnreviewed).toBe(true);
    expect(complaintOf("--place-unreviewed", "--webhook-listen", "127.0.0.1:9443", "--webhook-url", "https://127.0.0.1:9443")).toContain("--place-unreviewed is for hubs without --webhook-listen");
  });

  it("reads durations and numbers", () => {
    const config = readConfig([...NEEDED, "--default-interval", "1m30s", "--concurrency", "3"]);
    expect([config.defaultIntervalMs, config.concurrency]).toEqual([90_000, 3]);
  });
});
