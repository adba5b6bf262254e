import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, redirects } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

const NETWORK_POLICY = path.join(import.meta.dirname, "..", "..", "..", "deploy", "kustomize", "agent-networkpolicy.yaml");
const EVERYWHERE = ["0.0.0.0/0", "::/0"];
/** Loopback, of which the targets have one address, and the trap has another. */
const OPEN = { allow: [...EVERYWHERE, "127.0.0.0/8"], deny: [] };
const TARGETS_ONLY = { allow: [...EVERYWHERE, "127.0.0.1"], deny: [] };
const NO_LOOPBACK = "is a loopback address (127.0.0.0/8), which no monitor may reach";

/** Answers every request with 200, at a loopback address of its own (which macOS lacks), and counts. */
class Trap {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  connections = 0;
  url = "";

  constructor() {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#open.add(socket.on("error", () => undefined).on("close", () => this.#open.delete(socket)));
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    });
  }

  async listen(): Promise<void> {
    await once(this.#server.listen(0, "127.0.0.2"), "listening");
    const address = this.#server.address();
    if (address !== null && typeof address === "object") this.url = `http://127.0.0.2:${address.port}/`;
  }

  get open(): number {
    return this.#open.size;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }
}

describe("F18: where a cluster's agent may connect to", () => {
  const trap = new Trap();
  let stage: Stage;
  withStage(
    async () => {
      await trap.listen();
      const opened = await openStage("eu-1:eu-west-1:production", { flags: { hub: [], agent: ["--protected-address=127.0.0.3"] } });
      return Object.assign(opened, { [Symbol.asyncDispose]: disposingToo(opened, () => trap.close()) });
    },
    async (opened) => {
      stage = opened;
      for (const path of ["/beat", "/good"]) opened.target.behave(path, answers(200));
      opened.target.behave("/chain", redirects(302, opened.target.url("/to-trap")));
      opened.target.behave("/to-trap", redirects(302, trap.url));
      await opened.api.apply(monitor("beat", { url: opened.target.url("/beat") }));
      await egress(OPEN);
    },
  );

  function egress(rules: { allow: string[]; deny: string[] }): Promise<void> {
    return stage.api.patchRegistration("eu-1", { spec: { egress: rules } });
  }
  /** Waits until a monitor fails with a sentence of the guard. */
  function untilDenied(name: string, sentence: string): Promise<unknown> {
    return stage.api.untilStatus(`default/${name}`, `denied: ${sentence}`, ({ errorMessage }) => errorMessage === `All 1 clusters failed. Last error: TARGET_DENIED: target denied: ${sentence}`);
  }
  /** Lets the agent go on for a few probes of each monitor. */
  async function someProbes(): Promise<void> {
    const before = stage.target.seen("/beat").length;
    await waitUntil({ what: "three more probes", timeoutMs: 60_000 }, () => stage.target.seen("/beat").length >= before + 3);
  }

  it("is what its registration opens; a kept connection ends with the rule that let it be", async () => {
    await stage.api.apply(monitor("fresh", { url: trap.url }), monitor("kept", { url: trap.url, connection: "Reuse" }), monitor("chain", { url: stage.target.url("/chain") }));
    for (const name of ["fresh", "kept", "chain"]) await stage.api.untilVerdict(`default/${name}`, "Healthy");
    await egress(TARGETS_ONLY);
    for (const name of ["fresh", "kept", "chain"]) await untilDenied(name, `127.0.0.2 ${NO_LOOPBACK}`);
    await waitUntil({ what: "every connection to end", timeoutMs: 30_000 }, () => trap.open === 0);
    const before = trap.connections;
    await someProbes();
    expect(trap.connections).toBe(before);
    await egress(OPEN);
    for (const name of ["fresh", "kept", "chain"]) await stage.api.untilVerdict(`default/${name}`, "Healthy");
  });

  it("is never metadata, however it is written, nor the way there by a redirect", async () => {
    stage.target.behave("/to-metadata", redirects(307, "http://0xa9fea9fe/latest/meta-data/"));
    const METADATA = "is a metadata address of a cloud, which no monitor may reach";
    await stage.api.apply(
      monitor("metadata", { url: "http://169.254.169.254/latest/meta-data/" }),
      monitor("mapped", { url: "https://[::ffff:169.254.169.254]/" }),
      monitor("nat64", { url: "http://[64:ff9b::169.254.169.254]/" }),
      monitor("redirected", { url: stage.target.url("/to-metadata") }),
    );
    await untilDenied("metadata", `169.254.169.254 ${METADATA}`);
    await untilDenied("mapped", `::ffff:a9fe:a9fe ${METADATA}`);
    await untilDenied("nat64", `169.254.169.254 (within 64:ff9b::a9fe:a9fe) ${METADATA}`);
    await untilDenied("redirected", `169.254.169.254 ${METADATA}`);
  });

  it("is not what the agent's own flag protects, though the registration opens the range around it", async () => {
    await stage.api.apply(monitor("named-by-flag", { url: `http://127.0.0.3:${stage.target.port}/good` }));
    await untilDenied("named-by-flag", "127.0.0.3 is an address of the agent's --protected-address, which no monitor may reach");
  });

  it("is asked by name too, before the name is resolved", async () => {
    await stage.api.apply(monitor("named", { url: `http://localhost:${stage.target.port}/good` }));
    await stage.api.untilVerdict("default/named", "Healthy");
    await egress({ ...OPEN, deny: ["localhost"] });
    await untilDenied("named", "localhost is denied by the cluster's egress rules (deny localhost)");
    await egress(OPEN);
    await stage.api.untilVerdict("default/named", "Healthy");
  });

  it("is held to by a NetworkPolicy too, of which the example is one", async () => {
    const policy: unknown = parse(await readFile(NETWORK_POLICY, "utf8"));
    if (typeof policy !== "object" || policy === null) throw new Error(`${NETWORK_POLICY} holds no object`);
    await stage.api.ensureNamespace(textAt(policy, "metadata", "namespace") ?? "");
    await stage.api.apply(policy);
  });

  describe("is said by CIDRs, addresses and hosts: the API server", () => {
    it.each(["10.0.0.0/8", "10.0.0.1", "0.0.0.0/0", "::/0", "::1", "fd00::/8", "2001:DB8::1/128", "1:2:3:4:5:6:7:8", "64:ff9b::/96", "localhost", "api.example.com", "*.example.com", "*.internal"])("takes %s", async (entry) => {
      await stage.api.apply(spare({ deny: [entry] }));
    });

    it.each(["", "*", "10.0.0.0/33", "10.0.0.256", "10.0.0/8", "010.0.0.1", "fd00::/129", "fd00::1::2", ":::", "12345::", "a*.example.com", "Example.com", "example.com.", "http://example.com", "example.com:80", "0x7f.1"])("refuses %j", async (entry) => {
      await expect(stage.api.apply(spare({ allow: [entry] }))).rejects.toThrow(/spec\.egress\.allow\[0\].*an entry must be a CIDR such as 10\.0\.0\.0\/8 or fd00::\/8, an address, or a host in small letters/);
    });
  });
});

/** A cluster that no agent has. */
function spare(egress: object): object {
  return { apiVersion: "monitoring.example.com/v1", kind: "ClusterRegistration", metadata: { name: "spare-1" }, spec: { accepted: false, egress } };
}

function disposingToo(stage: Stage, end: () => void): () => PromiseLike<void> {
  const dispose = stage[Symbol.asyncDispose].bind(stage);
  return async () => {
    end();
    await dispose();
  };
}
