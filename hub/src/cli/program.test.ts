import { describe, expect, it } from "vitest";
import { doctorCommand, type DoctorRequest } from "../doctor/flags.ts";
import { CHECK_DEFAULTS } from "../monitors/check.ts";
import { commandLine, explainCommand, type ExplainRequest } from "./program.ts";

async function asked(...words: string[]): Promise<ExplainRequest[]> {
  const requests: ExplainRequest[] = [];
  const program = commandLine(explainCommand((request) => Promise.resolve(void requests.push(request))));
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(words, { from: "user" });
  return requests;
}

describe("sightline explain", () => {
  it("takes a monitor, and has a default for all else", async () => {
    expect(await asked("explain", "shop/checkout")).toEqual([{ namespace: "shop", name: "checkout", kubeconfig: undefined, defaults: CHECK_DEFAULTS, output: "text" }]);
    const words = ["-o", "json", "--kubeconfig", "/k", "--default-interval", "1m", "--default-timeout", "2s"];
    const defaults = { intervalMs: 60_000, timeoutMs: 2000 };
    expect(await asked("explain", "shop/checkout", ...words)).toEqual([{ namespace: "shop", name: "checkout", kubeconfig: "/k", defaults, output: "json" }]);
  });

  it.each([
    [["explain"], "missing required argument 'namespace/name'"],
    [["explain", "checkout"], "It must be NAMESPACE/NAME, such as shop/checkout."],
    [["explain", "a/b/c"], "It must be NAMESPACE/NAME, such as shop/checkout."],
    [["explain", "a/../b"], "It must be NAMESPACE/NAME, such as shop/checkout."],
    [["explain", "shop/checkout", "-o", "xml"], "Allowed choices are text, json."],
    [["explain", "shop/checkout", "--verbose"], "unknown option '--verbose'"],
    [["explode"], "unknown command 'explode'"],
  ])("refuses %j with a sentence and code 1", async (words, sentence) => {
    await expect(asked(...words)).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining(sentence) as unknown });
  });
});

async function doctorAsked(...words: string[]): Promise<DoctorRequest[]> {
  const requests: DoctorRequest[] = [];
  const program = commandLine(doctorCommand((request) => Promise.resolve(void requests.push(request))));
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(["doctor", ...words], { from: "user" });
  return requests;
}

describe("sightline doctor", () => {
  it("looks at what is named, and has a default for all else", async () => {
    const plain = { kubeconfig: undefined, hubNamespace: "sightline-system", nats: undefined, natsMonitorUrls: [], hubUrls: [], agentUrls: [], refreshBudget: 50, defaultIntervalMs: 30_000, timeoutMs: 10_000, output: "text" };
    expect(await doctorAsked()).toEqual([plain]);
    const words = ["--nats-url", "tls://a:4222,tls://b:4222", "--nats-creds", "/s", "--nats-replicas", "3", "--hub-url", "http://h/", "--hub-url", "http://i", "--timeout", "2s", "-o", "json"];
    const nats = { servers: ["tls://a:4222", "tls://b:4222"], credsFile: "/s", caFile: undefined, replicas: 3 };
    expect(await doctorAsked(...words)).toEqual([{ ...plain, nats, hubUrls: ["http://h", "http://i"], timeoutMs: 2000, output: "json" }]);
  });

  it.each([
    [["--nats-url", "tls://a:4222"], "--nats-url takes --nats-creds too"],
    [["--nats-url", "nats-0", "--nats-creds", "/s"], "It must be tls://host:port"],
    [["--timeout", "soon"], "It must be a duration above 0, such as 30s or 1m30s."],
    [["--timeout", "0s"], "It must be a duration above 0"],
    [["--nats-creds", "/s"], "--nats-creds goes with --nats-url"],
    [["--nats-ca", "/c"], "--nats-ca goes with --nats-url"],
    [["--nats-replicas", "3"], "--nats-replicas goes with --nats-url"],
    [["--agent-url", "http://agent:9464/metrics"], "It must be http://host:port, or https, without a path"],
    [["--hub-url", "http://hub-0:8080,foo:8080"], "Not so: foo:8080."],
    [["--hub-url", "hub-0"], "Not so: hub-0."],
    [["--nats-monitor-url", "http://nats-0:8222/jsz?x=1"], "Not so: http://nats-0:8222/jsz?x=1."],
    [["--nats-replicas", "0"], "It must be a whole number from 1."],
    [["shop/checkout"], "too many arguments"],
  ])("refuses %j with a sentence", async (words, sentence) => {
    await expect(doctorAsked(...words)).rejects.toMatchObject({ message: expect.stringContaining(sentence) as unknown });
  });
});
