import { appendFile, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { systemClock } from "@sightline/shared";
import { newSigningKey } from "@sightline/shared/identity";
import { withRequest } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { ANCHOR_LINES, type AuditLogOptions, ChainedAuditLog } from "./audit-log.ts";
import { parseLine } from "./chain.ts";
import { AuditError } from "./errors.ts";
import { FileSink, type FileSinkOptions } from "./file-sink.ts";
import { StreamSink } from "./stream-sink.ts";
import type { AuditEntry } from "./types.ts";
import { verify } from "./verify.ts";

const HUB = { identity: "hub-0/1", version: "1.0.0" };
const KEY = newSigningKey("hub").key;

function entry(name: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return { operation: "create", user: { name: "ann", uid: "u1", groups: ["shop"] }, resource: { kind: "HTTPMonitor", namespace: "shop", name }, outcome: "Success", ...more };
}

function textAt(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((part, name) => (typeof part === "object" && part !== null ? Reflect.get(part, name) : undefined), value);
}

describe("the audit log in a file", () => {
  let dir: string;
  let path: string;
  let logger: RecordingLogger;
  let open: ChainedAuditLog[];
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "sightline-audit-"));
    path = join(dir, "logs", "audit.log");
    logger = new RecordingLogger();
    open = [];
  });
  afterEach(async () => {
    for (const log of open) await log.close();
    await rm(dir, { recursive: true });
  });

  async function start(options: Partial<AuditLogOptions> = {}, file: Partial<FileSinkOptions> = {}): Promise<ChainedAuditLog> {
    const log = new ChainedAuditLog({ sink: new FileSink({ path, maxBytes: 1e9, keep: 0, clock: systemClock, ...file }), hub: HUB, clock: systemClock, logger, ...options });
    open.push(log);
    await log.start();
    return log;
  }

  const lines = async (file = path): Promise<Record<string, unknown>[]> => (await readFile(file, "utf8")).trimEnd().split("\n").map((line) => ({ ...parseLine(Buffer.from(line)) }));
  const names = async (): Promise<unknown[]> => (await lines()).map((line) => textAt(line, "resource", "name") ?? [line["audit"], line["reason"]].join(" ").trim());

  async function verified(hubKeys?: string[]): Promise<ReturnType<typeof verify>> {
    const folder = join(dir, "logs");
    const contents = await Promise.all((await readdir(folder)).filter((name) => name.startsWith("audit.log")).map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
    return verify(contents.map(({ name, bytes }) => ({ name, read: () => bytes })), hubKeys === undefined ? {} : { hubKeys });
  }

  it("has one line per decision, on disk when it is answered, in the order of the calls", async () => {
    const log = await start();
    await Promise.all(["a", "b", "c"].map((name) => log.record(entry(name))));
    expect(await names()).toEqual(["begin genesis", "a", "b", "c"]);
    expect((await lines())[1]).toMatchObject({ audit: "decision", sequence: 2, operation: "create", user: { name: "ann", uid: "u1", groups: ["shop"] }, resource: { kind: "HTTPMonitor", namespace: "shop", name: "a" }, outcome: "Success" });
    expect(await verified()).toMatchObject({ summary: { lines: 4, decisions: 3, whole: true } });
  });

  it("takes request and trace from what is being served", async () => {
    const log = await start();
    await withRequest({ request_id: "r1" }, () => log.record(entry("a", { dryRun: true })));
    expect((await lines())[1]).toMatchObject({ requestId: "r1", dryRun: true });
  });

  it("goes on with the same chain after a restart", async () => {
    await (await start()).record(entry("a"));
    await open.pop()?.close();
    await (await start()).record(entry("b"));
    expect(await names()).toEqual(["begin genesis", "a", "begin start", "b"]);
    expect(await verified()).toMatchObject({ summary: { decisions: 2, whole: true } });
  });

  it.each([["half a line", '{"audit":"deci'], ["zeros", "\0".repeat(4096)], ["zeros and what a crash wrote after them", `${"\0".repeat(50)}\n\0\0`]])("puts %s at its end aside, says so, and goes on", async (_what, torn) => {
    await (await start()).record(entry("a"));
    await open.pop()?.close();
    await appendFile(path, torn);
    expect(await verified()).toMatchObject({ fault: {} });
    await (await start()).record(entry("b"));
    expect(await names()).toEqual(["begin genesis", "a", "begin start", "b"]);
    const aside = String((await readdir(join(dir, "logs"))).find((name) => name.startsWith("torn-")));
    expect(await readFile(join(dir, "logs", aside), "utf8")).toBe(torn);
    expect((await lines())[2]).toMatchObject({ torn: { bytes: torn.length, file: join(dir, "logs", aside) } });
    expect(logger.messages).toContain("The audit log ended in the middle of a line, which was put aside");
    expect(await verified()).toMatchObject({ summary: { decisions: 2 } });
  });

  it("is never written into a file that is something else", async () => {
    await (await start()).close();
    await writeFile(path, "a diary\n");
    await expect(start()).rejects.toThrow(`${path} ends with no line of an audit log: name another file with --audit-log, or move this one away`);
    expect(await readFile(path, "utf8")).toBe("a diary\n");
  });

  it("puts a large file aside, keeps so many of them, and the chain goes over all", async () => {
    const log = await start({ signing: KEY }, { maxBytes: 2000, keep: 2 });
    for (let index = 0; index < 40; index += 1) await log.record(entry(`m${index}`));
    const files = (await readdir(join(dir, "logs"))).toSorted();
    expect(files).toEqual(["audit.log", expect.stringMatching(/^audit\.log\.\d{12}$/), expect.stringMatching(/^audit\.log\.\d{12}$/)]);
    expect((await lines(join(dir, "logs", String(files[1])))).at(-1)).toMatchObject({ audit: "anchor", sequence: Number(files[1]?.split(".").at(-1)) });
    expect(await verified([KEY.publicKey])).toMatchObject({ summary: { whole: false, keys: [KEY.publicKey] } });
  });

  it("goes on from the file put aside last when a crash came before the new one", async () => {
    const log = await start({}, { maxBytes: 1 });
    await log.record(entry("a"));
    await open.pop()?.close();
    await rm(path);
    await (await start()).record(entry("b"));
    expect(await verified()).toMatchObject({ summary: { decisions: 2, whole: true } });
  });

  it("signs what stands before, after so many lines, after a minute, and at its end", async () => {
    const clock = new ManualClock();
    const log = await start({ signing: KEY, clock });
    await log.record(entry("a"));
    expect(await names()).toEqual(["begin genesis", "a"]);
    await clock.advance(60_000);
    await log.record(entry("b"));
    expect(await names()).toEqual(["begin genesis", "a", "anchor", "b"]);
    await Promise.all(Array.from({ length: ANCHOR_LINES }, (_, index) => log.record(entry(`m${index}`))));
    expect((await names()).filter((name) => name === "anchor")).toHaveLength(2);
    await log.record(entry("last"));
    await open.pop()?.close();
    expect((await names()).slice(-2)).toEqual(["last", "anchor"]);
    expect(await verified([KEY.publicKey])).toMatchObject({ summary: { anchors: 3, unsigned: 0 } });
    expect(logger.lines.filter(({ message }) => message === "The audit log was signed")).toHaveLength(3);
  });

  it("says when somebody else writes to its file, refuses until it has looked, and goes on behind it", async () => {
    const log = await start();
    await log.record(entry("a"));
    await rename(path, `${path}.moved`);
    await expect(log.record(entry("b"))).rejects.toThrow(/the audit log cannot be written, so nothing is permitted: .*ENOENT/);
    await log.record(entry("c"));
    expect(await names()).toEqual(["begin recovery", "c"]);
    expect((await lines())[0]).toMatchObject({ replaced: true, refused: 1 });
    await truncate(path, 10);
    await expect(log.record(entry("d"))).rejects.toThrow(/somebody else has moved or changed .*audit\.log: each hub needs a file of its own/);
  });
});

describe("an audit log that cannot be written", () => {
  const FULL = { path: "/dev/full", maxBytes: 1e9, keep: 0, clock: systemClock };

  it("keeps the hub from starting", async () => {
    const log = new ChainedAuditLog({ sink: new FileSink(FULL), hub: HUB, clock: systemClock, logger: new RecordingLogger() });
    const failure = await log.start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AuditError);
    expect(failure).toMatchObject({ code: "AUDIT_UNAVAILABLE", message: "the audit log cannot be written, so nothing is permitted: ENOSPC: no space left on device, write" });
    await log.close();
  });

  it("refuses what comes, says so once a minute, counts it, and is tried again by itself", async () => {
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const written: string[] = [];
    let full = false;
    let failures = 0;
    const sink = {
      full: false,
      open: async () => ({ tail: undefined }),
      append: async (bytes: Buffer) => {
        if (full) throw new Error("ENOSPC: no space left on device, write");
        written.push(bytes.toString());
      },
      rotate: async () => undefined,
      close: async () => undefined,
    };
    const log = new ChainedAuditLog({ sink, hub: HUB, clock, logger, onFailure: () => (failures += 1) });
    await log.start();
    full = true;
    const answers = await Promise.allSettled([log.record(entry("a")), log.record(entry("b"))]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect([failures, log.missing]).toEqual([2, "ENOSPC: no space left on device, write"]);
    await expect(log.record(entry("c"))).rejects.toThrow("nothing is permitted: ENOSPC");
    expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    full = false;
    await clock.advance(5000);
    expect(log.missing).toBeUndefined();
    expect(JSON.parse(String(written.at(-1)))).toMatchObject({ audit: "begin", reason: "recovery", refused: 3 });
    await log.close();
    await expect(log.record(entry("d"))).rejects.toThrow("the hub is stopping");
  });

  it("lets nobody wait for a disk that hangs without a bound", async () => {
    const hangs = { full: false, open: () => new Promise<never>(() => undefined), append: async () => undefined, rotate: async () => undefined, close: async () => undefined };
    const log = new ChainedAuditLog({ sink: hangs, hub: HUB, clock: new ManualClock(), logger: new RecordingLogger() });
    for (let index = 0; index < 10_000; index += 1) void log.record(entry("a"));
    await expect(log.record(entry("b"))).rejects.toThrow("10000 decisions wait for the disk");
  });
});

describe("the audit log on the standard output", () => {
  it("is a chain from the start of the hub", async () => {
    const chunks: Buffer[] = [];
    const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()) });
    const log = new ChainedAuditLog({ sink: new StreamSink(stream), hub: HUB, clock: systemClock, logger: new RecordingLogger() });
    await log.start();
    await log.record(entry("a"));
    await log.close();
    expect(verify([{ name: "-", read: () => Buffer.concat(chunks) }])).toMatchObject({ summary: { decisions: 1, whole: true } });
  });
});
