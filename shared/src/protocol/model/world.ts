import type { Assignment } from "../../wire/assignment.ts";
import { checkHash } from "../../wire/check.ts";
import { parseAssignment } from "../../wire/assignment.ts";
import { assignmentSubject, headSubject, parseAssignmentSubject } from "../../wire/subjects.ts";
import { parseHead } from "../../wire/head.ts";
import type { CompleteSet, StreamMessage } from "../staging.ts";
import { forged, head } from "../testing.ts";
import { ModelAgent, RESET_AFTER_MS } from "./agent.ts";
import { History, type Promised, type SentBatch, type Violation } from "./history.ts";
import { ModelHub, type Wanted } from "./hub.ts";
import { ModelStream, type StreamSnapshot } from "./nats.ts";

export const CLUSTERS = ["ap-1", "eu-1", "us-1"] as const;
export const MONITORS = [1, 2, 3, 4, 5].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
/** Monitors that no user made, and only a forger names. */
const STRANGERS = [7, 8].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const START = 1_800_000_000_000;

/** What becomes of a batch that a hub sends. */
export type CommitFate = "answered" | "answer-lost" | "never-arrives" | "arrives-late" | "hub-dies-before" | "hub-dies-after";

/** Kubernetes, one stream, two hubs and an agent per cluster, moved by whoever calls. */
export class World {
  readonly stream = new ModelStream();
  readonly history = new History();
  readonly agents = CLUSTERS.map((cluster) => new ModelAgent(cluster, this.stream));
  readonly hubs: [ModelHub, ModelHub];
  readonly #wanted = new Map<string, ReadonlyMap<string, Assignment>>();
  /** For each (cluster, monitor) the time since when it is wanted without a break; its number names the period. */
  readonly #periods = new Map<string, number>();
  readonly #status = new Map<string, number>();
  readonly #running = new Map<string, CompleteSet>();
  readonly #late: SentBatch[] = [];
  #snapshot: StreamSnapshot = this.stream.snapshot();
  #now = START;
  #jump = 0;
  #version = 0;
  #incarnations = 0;
  #leader = "";

  constructor() {
    this.hubs = [this.#newHub(), this.#newHub()];
  }

  /** What was broken so far. */
  get violations(): Violation[] {
    return this.history.violations;
  }

  /** How one promise was broken, as sentences. */
  broken(promised: Promised): string[] {
    return this.violations.filter((violation) => violation.promised === promised).map(({ what }) => what);
  }

  // --- users -------------------------------------------------------------------------------------------------------

  /** A user places a monitor: in the clusters of the bit mask, as a new version of its check. Nowhere removes it. */
  place(monitor: number, mask: number): void {
    const uid = MONITORS[monitor % MONITORS.length] ?? "";
    this.#version += 1;
    const clusters = CLUSTERS.filter((_, bit) => (mask & (1 << bit)) !== 0);
    for (const cluster of CLUSTERS) {
      const key = `${cluster} ${uid}`;
      if (!clusters.some((name) => name === cluster)) this.#periods.delete(key);
      else if (!this.#periods.has(key)) this.#periods.set(key, this.#version);
    }
    const assignments = clusters.map((cluster): [string, Assignment] => [cluster, assignmentOf(uid, this.#version, this.#periods.get(`${cluster} ${uid}`) ?? 0)]);
    if (clusters.length === 0) this.#wanted.delete(uid);
    else this.#wanted.set(uid, new Map(assignments));
  }

  wantedIn(cluster: string): Map<string, Assignment> {
    return new Map([...this.#wanted].flatMap(([uid, places]) => (places.has(cluster) ? [[uid, places.get(cluster) ?? assignmentOf(uid, 0, 0)]] : [])));
  }

  step(ms: number): void {
    this.#now += ms;
    for (const agent of this.agents) agent.tick(this.#now);
  }

  /** The wall clock is set; what waits does not notice. */
  jump(ms: number): void {
    this.#jump += ms;
  }

  // --- hubs --------------------------------------------------------------------------------------------------------

  start(which: number): void {
    this.hub(which).start();
  }

  /** Both hubs send a batch at the same time; the server takes one first. */
  race(first: number): void {
    const racers = [this.hub(first), this.hub(first + 1)];
    const sent = racers.map((hub) => ({ hub, batch: hub.send(9, 0) }));
    for (const { hub, batch } of sent) if (batch !== undefined) hub.decided(this.history.commit(this.stream, batch));
    for (const { hub } of sent) hub.answered();
    for (const { hub } of sent) hub.read(Infinity);
    this.#agentRound();
  }

  /** One hub sends a group. */
  commit(which: number, size: { limit: number; pick: number }, fate: CommitFate): void {
    const hub = this.hub(which);
    const batch = hub.send(size.limit, size.pick);
    if (batch === undefined) return;
    if (fate === "arrives-late") this.#late.push(batch);
    else if (fate !== "never-arrives" && fate !== "hub-dies-before") hub.decided(this.history.commit(this.stream, batch));
    if (fate === "answered") hub.answered();
    else if (fate === "hub-dies-before" || fate === "hub-dies-after") this.crash(which);
    else hub.unanswered();
  }

  /** A batch that was on its way for long reaches the server. */
  arrive(): void {
    const batch = this.#late.shift();
    if (batch !== undefined) this.history.commit(this.stream, batch);
  }

  /** A hub ends; the next one knows nothing. */
  crash(which: number): void {
    this.hubs[which % 2 === 0 ? 0 : 1] = this.#newHub();
  }

  /** News of Kubernetes reaches a hub. The leader never knows less than another one: it would take newer writes back. */
  sync(which: number): void {
    const hub = this.hub(which);
    hub.sync();
    for (const other of this.hubs) if (other.name === this.#leader) other.sync();
  }

  heartbeat(agent: number, which: number): void {
    const { cluster, held } = this.#agent(agent);
    const hub = this.hub(which);
    hub.heartbeat(cluster, held);
    if (hub.writing && held !== null) this.#status.set(cluster, held.epoch);
  }

  // --- agents ------------------------------------------------------------------------------------------------------

  withAgent(index: number, act: (agent: ModelAgent, now: number) => void): void {
    act(this.#agent(index), this.#now);
    this.#observe();
  }

  /** Everything that is stored reaches its agents. */
  deliver(): void {
    for (const agent of this.agents) {
      agent.pull(Infinity);
      agent.handle(Infinity, this.#now);
    }
    this.#observe();
  }

  loseDisk(index: number): void {
    const agent = this.#agent(index);
    agent.loseDisk(this.#now);
    this.#running.delete(agent.cluster);
  }

  // --- the store ---------------------------------------------------------------------------------------------------

  takeSnapshot(): void {
    this.#snapshot = this.stream.snapshot();
  }

  /** @param consumersToo whether the consumers' state is rolled back with their stream. */
  rollBack(consumersToo: boolean): void {
    this.stream.rollBack(this.#snapshot);
    this.history.forgetFences();
    if (consumersToo) for (const { consumer } of this.agents) consumer.clampTo(this.stream.lastSequence);
  }

  purge(): void {
    this.stream.purge();
    this.history.forgetFences();
  }

  recreate(): void {
    this.stream.recreate();
    this.history.forgetFences();
    for (const { consumer } of this.agents) consumer.reset();
  }

  /** Purges one key without a trace. */
  forgetKey(agent: number, monitor: number): void {
    this.stream.forget(this.#key(agent, monitor));
    this.history.forgetFences();
  }

  /** Somebody writes to a key: nothing, rubbish, a check of their own, or an old head with the hub's own signature. */
  editByHand(agent: number, monitor: number, kind: "delete" | "rubbish" | "plausible"): void {
    const subject = this.#key(agent, monitor);
    this.history.forgetFences();
    if (kind === "delete") this.stream.writeByHand({ subject, payload: null });
    else this.stream.writeByHand(kind === "rubbish" ? { subject, payload: new TextEncoder().encode("{") } : this.#plausible(subject));
  }

  /** Somebody puts the head before this one back, if it is of the same writer: it is as genuine as the present one. */
  setBack(agent: number): void {
    const subject = headSubject(this.#agent(agent).cluster);
    const former = this.stream.former(subject);
    if (former === undefined || epochIn(former) !== epochIn(this.stream.stored(subject))) return;
    this.history.forgetFences();
    this.stream.writeByHand(former);
  }

  /** Somebody without the hub's key writes a whole set of their own for every cluster, with a head that fits and a far epoch. */
  forge(version: number): void {
    this.history.forgetFences();
    for (const cluster of CLUSTERS) {
      for (const { subject } of this.stream.all()) if (parseAssignmentSubject(subject)?.cluster === cluster) this.stream.forget(subject);
      const messages = [...MONITORS, ...STRANGERS].map((uid) => ({ subject: assignmentSubject(cluster, uid), sequence: 1, payload: encodeByHand(assignmentOf(uid, -version, -1)) }));
      for (const message of messages) this.stream.writeByHand(message);
      this.stream.writeByHand(forged(head(1, cluster, messages, { epoch: 2 * START + version, generation: 1 })));
    }
  }

  // --- calm --------------------------------------------------------------------------------------------------------

  /** Etcd forgets what the registrations' status said. What is wanted comes back from where it is kept. */
  loseStatus(): void {
    this.#status.clear();
  }

  /** Faults are over: one hub remains, everything is delivered. @returns rounds until all is as wanted, or undefined. */
  calm(maxRounds: number): number | undefined {
    while (this.#late.length > 0) this.arrive();
    this.crash(1);
    for (let round = 1; round <= maxRounds; round += 1) {
      this.#hubRound(this.hubs[0]);
      this.#agentRound();
      if (this.isSettled()) return round;
    }
    return undefined;
  }

  /** Whether every agent runs exactly what is wanted, in sync with what is stored. */
  isSettled(): boolean {
    return this.hubs[0].idle && this.agents.every((agent) => agent.inSync && sameChecks(agent.running, this.wantedIn(agent.cluster)));
  }

  #hubRound(hub: ModelHub): void {
    if (!hub.writing) this.crash(0);
    const writer = this.hubs[0];
    if (!writer.writing) writer.start();
    writer.sync();
    writer.reload();
    writer.repair();
    for (let sends = 0; sends < 50 && !writer.idle; sends += 1) {
      this.commit(0, { limit: 1 + (sends % 3), pick: sends }, "answered");
      this.deliver();
    }
    writer.read(Infinity);
  }

  #agentRound(): void {
    for (let times = 0; times < 2; times += 1) {
      this.deliver();
      this.step(RESET_AFTER_MS);
    }
    for (const index of this.agents.keys()) this.heartbeat(index, 0);
  }

  #observe(): void {
    for (const { cluster, running } of this.agents) {
      const before = this.#running.get(cluster);
      if (running === before) continue;
      this.history.switched(cluster, before, running);
      if (before !== undefined) this.#judgeDrops(cluster, before, running);
      if (running !== undefined) this.#running.set(cluster, running);
    }
  }

  /** A check that was wanted all the time since it was first written must not go. */
  #judgeDrops(cluster: string, before: CompleteSet, after: CompleteSet | undefined): void {
    for (const [subject, payload] of before.payloads) {
      if (after?.payloads.has(subject) === true) continue;
      const { uid, check } = parseAssignment(payload).data;
      if (this.#periods.get(`${cluster} ${uid}`) === Number(check.headers["period"])) this.history.broke("dropped", `${cluster} dropped ${uid}, which stayed wanted`);
    }
  }

  #newHub(): ModelHub {
    this.#incarnations += 1;
    return new ModelHub(`hub${this.#incarnations}`, {
      stream: this.stream,
      clusters: CLUSTERS,
      now: () => this.#now + this.#jump,
      isLeader: (name) => name === this.#leader,
      broke: (what) => this.history.broke("half-batch", what),
      lead: (name) => void (this.#leader = name),
      statusEpochs: () => this.#status.values(),
      list: (): Wanted => new Map(this.#wanted),
      resetConsumer: (cluster) => this.agents.find((agent) => agent.cluster === cluster)?.consumer.reset(),
    });
  }

  hub(which: number): ModelHub {
    return this.hubs[which % 2] ?? this.hubs[0];
  }

  #agent(index: number): ModelAgent {
    const agent = this.agents[index % this.agents.length];
    if (agent === undefined) throw new Error("no agent");
    return agent;
  }

  /** The key of a monitor, or of the head for the number after the last one. */
  #key(agent: number, monitor: number): string {
    const { cluster } = this.#agent(agent);
    const uid = MONITORS[monitor % (MONITORS.length + 1)];
    return uid === undefined ? headSubject(cluster) : assignmentSubject(cluster, uid);
  }

  /** A check that nobody asked for, or the head that was stored before this one. */
  #plausible(subject: string): Omit<StreamMessage, "sequence"> {
    const key = parseAssignmentSubject(subject);
    if (key?.kind === "assignment") return { subject, payload: encodeByHand(assignmentOf(key.uid, -1, -1)) };
    return this.stream.former(subject) ?? { subject, payload: new Uint8Array() };
  }
}

function assignmentOf(uid: string, version: number, period: number): Assignment {
  const check = {
    url: `http://target/${version}`,
    method: "GET",
    headers: { period: String(period) },
    intervalMs: 30_000,
    timeoutMs: 5000,
    expectedStatuses: ["200"],
    redirects: { follow: true, max: 10 },
    connection: "Fresh" as const,
  };
  return { uid, namespace: "default", name: uid.slice(-4), checkHash: checkHash(check), check, suspend: false };
}

function epochIn(head: StreamMessage | undefined): number | undefined {
  return head === undefined || head.payload === null ? undefined : parseHead(head.payload).epoch;
}

function encodeByHand(assignment: Assignment): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ specversion: "1.0", id: "1", type: "com.example.monitoring.assignment.v1", source: "/somebody", data: assignment }));
}

function sameChecks(running: CompleteSet | undefined, wanted: ReadonlyMap<string, Assignment>): boolean {
  if (running === undefined || running.payloads.size !== wanted.size) return false;
  return [...running.payloads.values()].every((payload) => {
    const { uid, checkHash: hash } = parseAssignment(payload).data;
    return wanted.get(uid)?.checkHash === hash;
  });
}
