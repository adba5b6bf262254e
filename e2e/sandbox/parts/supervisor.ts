/** Starts processes, notices when one ends unasked, and ends them all. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

import { withCompileCache } from "../compile-cache.ts";
import { processIdentity, signalGroup, tailOf } from "../../kit/process.ts";
import { waitUntil } from "../../kit/wait.ts";
import { SandboxError } from "../errors.ts";
import { Guard } from "./guard.ts";
import type { PartRecord } from "./record.ts";
import { endPart, endParts, removeRecord, writeRecord } from "./record.ts";

export interface PartSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly log: string;
  /** Parts with a higher number are ended first. */
  readonly layer: number;
  /** Asked until it answers true; a throw means "not yet". */
  readonly ready: () => Promise<boolean>;
  /** Milliseconds; 60 s when absent. */
  readonly readyWithinMs?: number;
}

interface Running extends PartRecord {
  readonly spec: PartSpec;
  readonly child: ChildProcess;
  /** Resolves, never rejects, with how it ended ("exit code 1"). */
  readonly end: Promise<string>;
  state: "starting" | "ready" | "being-ended" | "ended";
}

/** A part ended that nobody had asked to. The message names it and shows the tail of its log. */
export class PartDiedError extends SandboxError {
  override readonly name = "PartDiedError";
  readonly part: string;
  /** It could not bind its port: another one took it after it had been found free. */
  readonly addressInUse: boolean;

  constructor(part: string, how: string, log: { file: string; tail: string }) {
    const tail = log.tail === "" ? "Its log is empty" : `The last lines of its log:\n${log.tail.replaceAll(/^/gm, "  ")}`;
    super(`${part} ended unexpectedly (${how}). ${tail}\n(${log.file})`);
    this.part = part;
    this.addressInUse = /address already in use|EADDRINUSE/i.test(log.tail);
  }
}

const ENDING: ReadonlySet<NodeJS.Signals> = new Set(["SIGKILL", "SIGTERM", "SIGINT", "SIGQUIT"]);
const READY_WITHIN_MS = 60_000;

export class Supervisor {
  readonly #runDir: string;
  readonly #guard: Guard;
  readonly #parts = new Map<string, Running>();
  readonly #failure = new AbortController();
  readonly #closing = new AbortController();
  readonly #stop: AbortSignal;
  /** What is being started now: a part is on the list only when its identity is known. */
  readonly #starts = new Set<Promise<PartRecord>>();

  /** `runDir` takes the records; `stop` ends every wait for a part, with the signal's reason. */
  constructor(runDir: string, stop?: AbortSignal) {
    this.#runDir = runDir;
    this.#guard = new Guard(runDir);
    this.#stop = AbortSignal.any([this.#failure.signal, this.#closing.signal, ...(stop === undefined ? [] : [stop])]);
  }

  /** Aborts, with a PartDiedError, when a part that was ready ends unasked. */
  get failure(): AbortSignal {
    return this.#failure.signal;
  }

  /** Aborts on a failure, or when the caller wants to stop. */
  get stopSignal(): AbortSignal {
    return this.#stop;
  }

  get records(): PartRecord[] {
    return [...this.#parts.values()];
  }

  /** The part of that name, running or ended. */
  record(name: string): PartRecord {
    return this.#part(name);
  }

  /** Starts a part and waits until it is ready. Throws a PartDiedError when it ends before. */
  async start(spec: PartSpec): Promise<PartRecord> {
    this.#stop.throwIfAborted();
    const start = this.#startNow(spec);
    this.#starts.add(start);
    try {
      return await start;
    } finally {
      this.#starts.delete(start);
    }
  }

  async #startNow(spec: PartSpec): Promise<PartRecord> {
    const part = await this.#spawn(spec);
    try {
      await this.#ready(part);
    } catch (error) {
      await this.#end(part);
      throw error;
    }
    part.state = "ready";
    void part.end.then((how) => this.#notice(part, how));
    return part;
  }

  async #spawn(spec: PartSpec): Promise<Running> {
    const log = openSync(spec.log, "a", 0o600);
    const child = spawn(spec.command, spec.args, { cwd: "/", detached: true, env: { ...withCompileCache(process.env), ...spec.env }, stdio: ["ignore", log, log] });
    closeSync(log);
    const pid = child.pid;
    const end = endOf(child);
    if (pid === undefined) throw new SandboxError(`${spec.name} cannot be started: ${await end}`);
    this.#guard.watch(pid);
    child.unref();
    const { name, layer } = spec;
    const part: Running = { name, layer, log: spec.log, pid, identity: (await processIdentity(pid)) ?? "", spec, child, end, state: "starting" };
    void end.then(() => this.#guard.forget(pid));
    this.#parts.set(name, part);
    await writeRecord(this.#runDir, part);
    return part;
  }

  async #ready(part: Running): Promise<void> {
    const { name, ready, readyWithinMs = READY_WITHIN_MS, log } = part.spec;
    const ended = new AbortController();
    void part.end.then(async (how) => ended.abort(new PartDiedError(name, how, { file: log, tail: await tailOf(log) })));
    const options = { what: `${name} to be ready (its log: ${log})`, timeoutMs: readyWithinMs, everyMs: 20, signal: AbortSignal.any([this.#stop, ended.signal]) };
    await waitUntil(options, ready);
  }

  async #notice(part: Running, how: string): Promise<void> {
    if (part.state === "being-ended") return;
    part.state = "ended";
    this.#failure.abort(new PartDiedError(part.name, how, { file: part.log, tail: await tailOf(part.log) }));
  }

  /** Sends a signal to a part's process group. After one that ends it, waits for the end; that is no failure. */
  async kill(name: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const part = this.#part(name);
    if (ENDING.has(signal)) part.state = "being-ended";
    signalGroup(part.pid, signal);
    if (ENDING.has(signal)) await part.end;
  }

  /** Starts a part again with the same arguments, and so on the same ports; ends it first when it still runs. */
  async restart(name: string): Promise<PartRecord> {
    const part = this.#part(name);
    await this.#end(part);
    return await this.start(part.spec);
  }

  async #end(part: Running): Promise<void> {
    part.state = "being-ended";
    // A process whose loop has nothing left but this wait would end before the news of the end came.
    part.child.ref();
    await endPart(part);
    await part.end;
    await removeRecord(this.#runDir, part.name);
  }

  /** Ends all parts, clients before servers. Resolves when none is left. */
  async stop(): Promise<void> {
    this.#closing.abort(new SandboxError("the sandbox is being stopped"));
    await Promise.allSettled(this.#starts);
    for (const part of this.#parts.values()) part.state = "being-ended";
    await endParts(this.records);
    for (const { name } of this.records) await removeRecord(this.#runDir, name);
    this.#guard.release();
  }

  /** Lets all parts live on when this process ends. */
  detach(): void {
    this.#guard.release();
  }

  #part(name: string): Running {
    const part = this.#parts.get(name);
    if (part === undefined) throw new SandboxError(`there is no part ${name}; there are ${[...this.#parts.keys()].join(", ")}`);
    return part;
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}
