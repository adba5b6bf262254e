import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addDebugFlags, type DebugConfig, type DebugFlags, readDebug } from "./flags.ts";

function read(...argv: string[]): DebugConfig {
  const flags = addDebugFlags(new Command()).parse(argv, { from: "user" }).opts<DebugFlags>();
  return readDebug(flags, (sentence) => {
    throw new Error(sentence);
  });
}

const TLS = ["--debug-tls-cert", "/c", "--debug-tls-key", "/k"];

describe("the debug flags", () => {
  it("switch everything off when absent", () => {
    expect(read()).toEqual({ listen: undefined, tls: undefined, reconciliation: false, profileDir: undefined });
  });

  it.each(["127.0.0.1:6060", "127.3.2.1:6060", "localhost:6060", "[::1]:6060"])("allow %s in clear", (address) => {
    expect(read("--debug-listen", address).listen?.port).toBe(6060);
  });

  it.each(["0.0.0.0:6060", ":6060", "10.1.2.3:6060", "[::]:6060", "127.0.0.1.example.com:6060", "hub:6060"])("allow %s by TLS only", (address) => {
    expect(() => read("--debug-listen", address)).toThrow(/is no loopback address: tokens would cross the network in clear/);
    expect(read("--debug-listen", address, ...TLS).tls).toEqual({ certFile: "/c", keyFile: "/k" });
  });

  it("want a key with a certificate", () => {
    expect(() => read("--debug-tls-cert", "/c")).toThrow("go together");
  });
});
