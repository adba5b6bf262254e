import { describe, expect, it } from "vitest";
import { duration, flag, hostPort, list, natsServers, share, whole } from "./flags.ts";

describe("the text of a flag", () => {
  it.each([
    ["127.0.0.1:8080", { host: "127.0.0.1", port: 8080 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    [":9090", { host: "0.0.0.0", port: 9090 }],
  ])("reads %s as host and port", (text, parsed) => expect(hostPort(text)).toEqual(parsed));

  it.each(["8080", "host:", "host:99999", "::1:80"])("refuses %s as host and port, with what would be right", (text) => {
    expect(() => hostPort(text)).toThrow(/^It must be host:port, such as 0\.0\.0\.0:8080\.$/);
  });

  it("reads numbers from a least one", () => {
    expect([whole()("1"), whole(0)("0"), share("0.25")]).toEqual([1, 0, 0.25]);
    for (const text of ["0", "-1", "1.5", "", "x", "99999999999999999999"]) expect(() => whole()(text)).toThrow("a whole number from 1");
    for (const text of ["", " ", "1.1", "-1", "x"]) expect(() => share(text)).toThrow("a number from 0 to 1");
  });

  it("reads durations above 0, in milliseconds", () => {
    expect(duration("1m30s")).toBe(90_000);
    for (const text of ["0s", "", "5", "soon"]) expect(() => duration(text)).toThrow("such as 30s");
  });

  it("adds up the lists of a repeated flag", () => expect(list("c, d,", list("a,b", undefined))).toEqual(["a", "b", "c", "d"]));

  it("reads NATS servers that are spoken to by TLS, at a port that is said", () => {
    expect(natsServers("tls://nats-0.example:4222, tls://10.0.0.7:4222", ["tls://[fd00::7]:4222"])).toEqual(["tls://[fd00::7]:4222", "tls://nats-0.example:4222", "tls://10.0.0.7:4222"]);
  });

  it.each(["nats.example.com", "nats.example.com:4222", "nats://nats.example.com:4222", "ws://nats:80", "tls://nats.example.com", "tls://nats:4222/", "tls://:4222", "tls://a:1,b:2", ","])("refuses %s as NATS servers, with what would be right", (text) => {
    expect(() => natsServers(text, undefined)).toThrow("It must be tls://host:port, such as tls://nats.example.com:4222");
  });

  it("shows no password that stands in a NATS server's address", () => {
    expect(() => natsServers("tls://me:hunter2@nats:4222", undefined)).toThrow("Not so: tls://***@nats:4222.");
  });

  it("can come from the environment, by its name", () => expect(flag("--nats-url <urls>", "").envVar).toBe("SIGHTLINE_NATS_URL"));
});
