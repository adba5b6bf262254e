import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { systemClock } from "@sightline/shared";
import { headSigner, headsSignedBy, type SigningKey } from "@sightline/shared/identity";
import { commitBatch, connectNats, credsFile, ensureAgentConsumer, type NatsConnection, reconcileStreams, StreamReader, subscribeHeartbeats } from "@sightline/shared/nats";
import { AssignmentMirror, committedMessages, type IsAuthentic, type MonitorChange, planBatch } from "@sightline/shared/protocol";
import { type Assignment, type Check, checkHash, type Head, type Heartbeat, parseResultBatch, type ProbeResult, RESULT_STREAM } from "@sightline/shared/wire";
import { afterAll, afterEach } from "vitest";

import { scrape, select } from "../../kit/metrics.ts";
import { freePorts } from "../../kit/ports.ts";
import { hubKeyOf } from "../../kit/test-keys.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type Nats, startNats } from "../../sandbox/mod.ts";
import { needsServers } from "../../sandbox/test-needs.ts";

export const CLUSTER = "eu-1";
export const OTHER_CLUSTER = "us-1";
/** The targets of tests are on loopback, which no monitor reaches elsewhere. */
const LOOPBACK_TOO = { allow: ["0.0.0.0/0", "::/0", "127.0.0.0/8"], deny: [] };
const MAIN = path.join(import.meta.dirname, "..", "..", "..", "agent", "src", "main.ts");

/** One real nats-server for a suite, a target, and agents as processes; what a test starts ends with it. */
export class AgentBench {
  readonly #cleanups: (() => unknown)[] = [];
  #nats: Nats | undefined;
  #dir = "";

  constructor() {
    needsServers(async () => {
      this.#dir = await mkdtemp(path.join(tmpdir(), "sightline-agent-"));
      this.#nats = await startNats({ dir: path.join(this.#dir, "nats"), clusters: [CLUSTER, OTHER_CLUSTER] });
    });
    afterEach(async () => {
      for (const cleanup of this.#cleanups.splice(0).toReversed()) await cleanup();
    });
    afterAll(async () => {
      await this.#nats?.stop();
      await rm(this.#dir, { recursive: true, force: true });
    });
  }

  get nats(): Nats {
    if (this.#nats === undefined) throw new Error("nats-server does not run");
    return this.#nats;
  }

  /** A hub that knows only NATS: it writes assignments, and hears heartbeats and results. The streams are new. */
  async hub(): Promise<TestHub> {
    const { url, caFile, hubCredsFile } = this.nats.nats;
    const connection = await connectNats({ servers: [url], caFile, credentials: credsFile(hubCredsFile), name: "test-hub" });
    for (const stream of ["KV_assign", "KV_CKPT", "results", "parked"]) await connection.request(`$JS.API.STREAM.DELETE.${stream}`);
    const hub = new TestHub(connection, await hubKeyOf(this.nats.nats));
    this.#cleanups.push(() => hub.stop());
    return hub;
  }

  /** A folder for an agent's data, which a restarted agent finds again. */
  dataDir(): Promise<string> {
    return mkdtemp(path.join(this.#dir, "agent-"));
  }

  credsFile(cluster: string): string {
    return this.nats.nats.agentCredsFiles.get(cluster) ?? "";
  }

  /** An agent of CLUSTER. `nats` may say otherwise with what it connects; `caFile: ""` leaves the flag out. */
  async agent(dataDir: string, nats: { creds?: string; caFile?: string } = {}): Promise<AgentProcess> {
    const { creds = this.credsFile(CLUSTER), caFile = this.nats.nats.caFile } = nats;
    const [port = 0] = await freePorts(1);
    const listen = `127.0.0.1:${port}`;
    const connect = ["--nats-url", this.nats.nats.url, "--nats-creds", creds, "--hub-key", this.nats.nats.installation.hubSigning, ...(caFile === "" ? [] : ["--nats-ca", caFile])];
    const child = spawn(process.execPath, [MAIN, "--cluster", CLUSTER, ...connect, "--data-dir", dataDir, "--listen", listen], { stdio: ["ignore", "pipe", "inherit"] });
    const agent = new AgentProcess(child, `http://${listen}`);
    this.#cleanups.push(() => agent.end("SIGKILL"));
    return agent;
  }

  /** Answers 200 on loopback, and counts. */
  async target(): Promise<{ url: string; requests: () => number }> {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      response.end("ok");
    });
    const [port = 0] = await freePorts(1);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    this.#cleanups.push(() => server.close());
    return { url: `http://127.0.0.1:${port}/`, requests: () => requests };
  }
}

export class AgentProcess {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #ended: Promise<unknown>;
  #log = "";

  constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
    this.#ended = once(child, "exit");
    child.stdout?.on("data", (chunk: Buffer) => (this.#log += chunk.toString()));
  }

  get log(): string {
    return this.#log;
  }

  /** What `/readyz` says; "" while nobody listens. */
  async readiness(): Promise<string> {
    return await fetch(`${this.#url}/readyz`).then((response) => response.text(), () => "");
  }

  /** One of the agent's figures. */
  async figure(name: string): Promise<number> {
    return select(await scrape(`${this.#url}/metrics`), name)[0]?.value ?? Number.NaN;
  }

  /** Waits until `/readyz` says such a thing, and the log too where `logged` is given. */
  async untilReadiness(said: string, logged = ""): Promise<void> {
    await waitUntil({ what: `/readyz to say ${said}`, timeoutMs: 30_000 }, async () => (await this.readiness()).includes(said) && this.#log.includes(logged));
  }

  /** Sends a signal, and waits for the end of the process. @returns its exit status. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    await this.#ended;
    return this.#child.exitCode;
  }
}

export class TestHub {
  readonly connection: NatsConnection;
  readonly heartbeats: Heartbeat[] = [];
  readonly results: ProbeResult[] = [];
  readonly #isAuthentic: IsAuthentic;
  readonly #sign: ReturnType<typeof headSigner>;
  #mirror: AssignmentMirror;
  readonly #reader: StreamReader;

  constructor(connection: NatsConnection, key: SigningKey) {
    this.connection = connection;
    this.#sign = headSigner(key);
    this.#isAuthentic = headsSignedBy(() => [key.publicKey]);
    this.#mirror = new AssignmentMirror(this.#isAuthentic);
    subscribeHeartbeats(connection, { trusts: () => true, heartbeat: (_cluster, heartbeat) => this.heartbeats.push(heartbeat), refused: () => undefined, connection: () => undefined });
    this.#reader = new StreamReader(
      { connection, stream: RESULT_STREAM, clock: systemClock, checkIntervalMs: 200, random: Math.random, onError: () => undefined },
      {
        position: () => undefined,
        begin: () => this.results.splice(0),
        message: ({ payload }) => void this.results.push(...parseResultBatch(payload ?? new Uint8Array()).events.map(({ data }) => data)),
        caughtUp: () => undefined,
      },
    );
  }

  /** Makes the streams and the agent's consumer. */
  async prepare(): Promise<void> {
    await reconcileStreams(this.connection, 1);
    await ensureAgentConsumer(this.connection, CLUSTER, 0);
    this.#reader.start();
  }

  /** Forgets the assignment stream, as a lost store does: the next sequences are low ones. */
  async loseAssignments(): Promise<void> {
    await this.connection.request("$JS.API.STREAM.DELETE.KV_assign");
    this.#mirror = new AssignmentMirror(this.#isAuthentic);
    await reconcileStreams(this.connection, 1);
    await ensureAgentConsumer(this.connection, CLUSTER, 0);
  }

  /** Commits one batch. `spoil` may change a payload before the head sums it up. */
  async assign(changes: MonitorChange[], epoch: number): Promise<void> {
    const plan = planBatch(this.#mirror, changes, [], { epoch, settings: () => ({ region: "eu-west-1", heartbeatIntervalMs: 500, egress: LOOPBACK_TOO }), sign: this.#sign });
    const outcome = await commitBatch(this.connection, plan.messages, 5000);
    if (outcome.kind !== "committed") throw new Error(`the batch was not committed: ${JSON.stringify(outcome)}`);
    this.#mirror.commit(committedMessages(plan, outcome.lastSequence));
  }

  /** The head of this writer's last batch. */
  get head(): Head {
    const { head } = this.#mirror.cluster(CLUSTER);
    if (head === undefined) throw new Error("nothing has been assigned yet");
    return head;
  }

  /** Waits until the agent says that it holds the set of this writer's last batch. */
  async untilHeld(): Promise<void> {
    const wanted = this.#mirror.cluster(CLUSTER).head;
    await waitUntil({ what: `generation ${wanted?.generation} to be held`, timeoutMs: 20_000 }, () => {
      const held = this.heartbeats.at(-1)?.held;
      return held?.epoch === wanted?.epoch && held?.generation === wanted?.generation && held?.checksum === wanted?.checksum;
    });
  }

  async untilResults(count: number, of: (result: ProbeResult) => boolean = () => true): Promise<ProbeResult[]> {
    await waitUntil({ what: `${count} results`, timeoutMs: 30_000 }, () => this.results.filter(of).length >= count);
    return this.results.filter(of);
  }

  async stop(): Promise<void> {
    await this.#reader.stop();
    await this.connection.close();
  }
}

export function uidOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

export function changeOf(n: number, url: string, intervalMs = 1000): MonitorChange {
  const check: Check = { url, method: "GET", headers: {}, intervalMs, timeoutMs: 1000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh" };
  const assignment: Assignment = { uid: uidOf(n), namespace: "shop", name: `cart-${n}`, checkHash: checkHash(check), check, suspend: false };
  return { uid: assignment.uid, wanted: new Map([[CLUSTER, assignment]]), traceparent: `00-${String(n).padStart(32, "a")}-${"b".repeat(16)}-01` };
}
