import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addWebhookFlags, readWebhook, type WebhookConfig, type WebhookFlags } from "./flags.ts";

function read(...words: string[]): WebhookConfig | undefined {
  const command = addWebhookFlags(new Command()).exitOverride().configureOutput({ writeErr: () => undefined });
  return readWebhook(command.parse(words, { from: "user" }).opts<WebhookFlags>(), (sentence) => {
    throw new Error(sentence);
  });
}

const ALONE = ["--webhook-listen", ":9443"];
const LISTEN = [...ALONE, "--webhook-allow-any-client"];

describe("the flags of the webhook", () => {
  it("are none where nothing is reviewed", () => {
    expect(read()).toBeUndefined();
  });

  it("name where to listen, and how the API server gets there", () => {
    const common = { listen: { host: "0.0.0.0", port: 9443 }, clientCaFile: undefined, clientNames: [] };
    expect(read(...LISTEN, "--webhook-url", "https://127.0.0.1:7000/")).toEqual({ ...common, address: { url: "https://127.0.0.1:7000" } });
    expect(read(...LISTEN, "--webhook-service", "sightline-system/hub")).toEqual({ ...common, address: { service: { namespace: "sightline-system", name: "hub", port: 443 } } });
    expect(read(...ALONE, "--webhook-service", "a/b:9443", "--webhook-client-ca", "/ca", "--webhook-client-names", "kube-apiserver,other")).toEqual({ ...common, address: { service: { namespace: "a", name: "b", port: 9443 } }, clientCaFile: "/ca", clientNames: ["kube-apiserver", "other"] });
  });

  it("let anybody ask on the loopback, and elsewhere only where that is said", () => {
    const url = ["--webhook-url", "https://a:1"];
    for (const host of ["127.0.0.1", "[::1]", "localhost"]) expect(read("--webhook-listen", `${host}:9443`, ...url)).toMatchObject({ clientCaFile: undefined });
    expect(read(...ALONE, ...url, "--webhook-client-ca", "/ca")).toMatchObject({ clientCaFile: "/ca" });
    expect(read(...LISTEN, ...url)).toMatchObject({ clientCaFile: undefined });
    for (const host of ["", "0.0.0.0", "[::]", "10.0.0.1"]) expect(() => read("--webhook-listen", `${host}:9443`, ...url)).toThrow("--webhook-client-ca is needed");
  });

  it.each([
    [["--webhook-allow-any-client"], "go with --webhook-listen"],
    [[...LISTEN, "--webhook-url", "https://a:1", "--webhook-client-ca", "/ca"], "either --webhook-client-ca or --webhook-allow-any-client"],
    [["--webhook-url", "https://a:1"], "go with --webhook-listen"],
    [["--webhook-client-ca", "/ca"], "go with --webhook-listen"],
    [LISTEN, "--webhook-listen needs either --webhook-url or --webhook-service"],
    [[...LISTEN, "--webhook-url", "https://a:1", "--webhook-service", "a/b"], "needs either"],
    [[...LISTEN, "--webhook-url", "http://a:1"], "It must be https://host:port, without a path."],
    [[...LISTEN, "--webhook-url", "https://a:1/x"], "without a path"],
    [[...LISTEN, "--webhook-service", "hub"], "It must be NAMESPACE/NAME"],
    [[...LISTEN, "--webhook-service", "a/b:0"], "It must be NAMESPACE/NAME"],
    [[...LISTEN, "--webhook-url", "https://a:1", "--webhook-client-names", "x"], "goes with --webhook-client-ca"],
  ])("refuse %j with a sentence", (words, sentence) => {
    expect(() => read(...words)).toThrow(sentence);
  });
});
