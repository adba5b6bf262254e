/**
 * V8's profiles in pprof's format (https://github.com/google/pprof/blob/main/proto/profile.proto), for `go tool pprof`
 * and everything else that reads it. Pure.
 */
import type { HeapProfiler, Profiler, Runtime } from "node:inspector";
import { fileURLToPath } from "node:url";
import { Function as PprofFunction, Line, Location, Profile, Sample, StringTable, ValueType } from "pprof-format";

/** What V8 counts while no JavaScript runs: it is no use of a CPU. */
const IDLE = "(idle)";
const ROOT = "(root)";
const NANOSECONDS_PER_MICROSECOND = 1000;

/** Microseconds between two samples of a CPU profile; V8's own default. */
export const CPU_INTERVAL_US = 1000;

/**
 * Where the time of a CPU profile was spent: samples and nanoseconds, by stack.
 * @param profile as `Profiler.stop` of the inspector gives it; its times are microseconds.
 * @param startedAt milliseconds since the Unix epoch.
 */
export function cpuToPprof(profile: Profiler.Profile, startedAt: number): Uint8Array {
  const builder = new ProfileBuilder([["samples", "count"], ["cpu", "nanoseconds"]]);
  const usage = usageOf(profile);
  const parents = parentsOf(profile.nodes);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  for (const [id, { count, us }] of usage) {
    const stack = stackOf(id, (at) => nodes.get(at)?.callFrame, parents);
    if (stack[0]?.functionName !== IDLE) builder.add(stack, [count, Math.round(us * NANOSECONDS_PER_MICROSECOND)]);
  }
  return builder.encode({
    startedAt,
    durationUs: profile.endTime - profile.startTime,
    period: { type: "cpu", unit: "nanoseconds", value: CPU_INTERVAL_US * NANOSECONDS_PER_MICROSECOND },
  });
}

/**
 * Where memory that is still in use was allocated: bytes, by stack.
 * @param profile as `HeapProfiler.getSamplingProfile` of the inspector gives it.
 * @param options `takenAt` in milliseconds since the Unix epoch; `intervalBytes` between two samples.
 */
export function heapToPprof(profile: HeapProfiler.SamplingHeapProfile, { takenAt, intervalBytes }: { takenAt: number; intervalBytes: number }): Uint8Array {
  const builder = new ProfileBuilder([["inuse_space", "bytes"]]);
  const waiting = [{ node: profile.head, callers: [] as Runtime.CallFrame[] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, callers } = next;
    const stack = [node.callFrame, ...callers];
    if (node.selfSize > 0) builder.add(withoutRoot(stack), [node.selfSize]);
    for (const child of node.children) waiting.push({ node: child, callers: stack });
  }
  return builder.encode({ startedAt: takenAt, durationUs: 0, period: { type: "space", unit: "bytes", value: intervalBytes } });
}

interface Usage {
  count: number;
  us: number;
}

/** A sample stands for the time until the next one. */
function usageOf({ samples = [], timeDeltas = [], startTime, endTime }: Profiler.Profile): Map<number, Usage> {
  const usage = new Map<number, Usage>();
  let at = startTime;
  for (const [index, id] of samples.entries()) {
    at += timeDeltas[index] ?? 0;
    const us = timeDeltas[index + 1] ?? endTime - at;
    const before = usage.get(id) ?? { count: 0, us: 0 };
    usage.set(id, { count: before.count + 1, us: before.us + Math.max(0, us) });
  }
  return usage;
}

function parentsOf(nodes: readonly Profiler.ProfileNode[]): Map<number, number> {
  return new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
}

/** The frames from a node to the root, innermost first. */
function stackOf(id: number, frameOf: (id: number) => Runtime.CallFrame | undefined, parents: ReadonlyMap<number, number>): Runtime.CallFrame[] {
  const stack: Runtime.CallFrame[] = [];
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const frame = frameOf(at);
    if (frame !== undefined) stack.push(frame);
  }
  return withoutRoot(stack);
}

/** A sample of the root itself keeps it: a stack must not be empty. */
function withoutRoot(stack: Runtime.CallFrame[]): Runtime.CallFrame[] {
  return stack.length > 1 && stack.at(-1)?.functionName === ROOT ? stack.slice(0, -1) : stack;
}

type Unit = readonly [type: string, unit: string];

interface Frame {
  startedAt: number;
  durationUs: number;
  period: { type: string; unit: string; value: number };
}

/** Collects stacks, and gives each function and place one number. */
class ProfileBuilder {
  readonly #strings = new StringTable();
  readonly #types: readonly Unit[];
  readonly #functions = new Map<string, PprofFunction>();
  readonly #locations = new Map<string, Location>();
  readonly #samples: Sample[] = [];

  constructor(types: readonly Unit[]) {
    this.#types = types;
  }

  /** @param stack innermost frame first. */
  add(stack: readonly Runtime.CallFrame[], value: number[]): void {
    this.#samples.push(new Sample({ locationId: stack.map((frame) => this.#location(frame).id), value }));
  }

  encode({ startedAt, durationUs, period }: Frame): Uint8Array {
    return new Profile({
      sampleType: this.#types.map(([type, unit]) => this.#type(type, unit)),
      sample: this.#samples,
      location: [...this.#locations.values()],
      function: [...this.#functions.values()],
      stringTable: this.#strings,
      timeNanos: BigInt(Math.round(startedAt)) * 1_000_000n,
      durationNanos: Math.round(durationUs * NANOSECONDS_PER_MICROSECOND),
      periodType: this.#type(period.type, period.unit),
      period: period.value,
    }).encode();
  }

  #type(type: string, unit: string): ValueType {
    return new ValueType({ type: this.#strings.dedup(type), unit: this.#strings.dedup(unit) });
  }

  #location(frame: Runtime.CallFrame): Location {
    const key = `${frame.url}:${frame.lineNumber}:${frame.columnNumber}:${frame.functionName}`;
    const known = this.#locations.get(key);
    if (known !== undefined) return known;
    const line = new Line({ functionId: this.#function(key, frame).id, line: lineOf(frame) });
    const location = new Location({ id: this.#locations.size + 1, line: [line] });
    this.#locations.set(key, location);
    return location;
  }

  #function(key: string, frame: Runtime.CallFrame): PprofFunction {
    const name = this.#strings.dedup(frame.functionName === "" ? "(anonymous)" : frame.functionName);
    const made = new PprofFunction({ id: this.#functions.size + 1, name, systemName: name, filename: this.#strings.dedup(fileOf(frame.url)), startLine: lineOf(frame) });
    this.#functions.set(key, made);
    return made;
  }
}

/** V8 counts lines from 0, and says -1 where there is none; pprof counts from 1, and says 0. */
function lineOf({ lineNumber }: Runtime.CallFrame): number {
  return lineNumber + 1;
}

function fileOf(url: string): string {
  try {
    return url.startsWith("file:") ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}
