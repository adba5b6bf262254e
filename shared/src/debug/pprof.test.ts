import type { HeapProfiler, Profiler, Runtime } from "node:inspector";
import fc from "fast-check";
import { Profile } from "pprof-format";
import { describe, expect, it } from "vitest";
import { cpuToPprof, heapToPprof } from "./pprof.ts";

const frame = (functionName: string, line = 0, url = "file:///srv/hub/a.ts"): Runtime.CallFrame => ({ functionName, scriptId: "1", url, lineNumber: line, columnNumber: 0 });
const ROOT = frame("(root)", -1, "");

const node = (callFrame: Runtime.CallFrame, selfSize: number, children: HeapProfiler.SamplingHeapProfileNode[] = []): HeapProfiler.SamplingHeapProfileNode => ({ callFrame, selfSize, children });

/** Each sample as `inner < outer: values`, read back from the encoded profile. */
function decoded(bytes: Uint8Array): string[] {
  const { sample, location, function: functions, stringTable } = Profile.decode(bytes);
  const text = (index: number | bigint): string => stringTable.strings[Number(index)] ?? "?";
  const nameOf = (id: number | bigint): string => {
    const line = location.find((one) => one.id === id)?.line[0];
    const made = functions.find((one) => one.id === line?.functionId);
    return `${text(made?.name ?? 0)} ${text(made?.filename ?? 0)}:${String(line?.line)}`;
  };
  return sample.map(({ locationId, value }) => `${locationId.map(nameOf).join(" < ")}: ${value.join(" ")}`);
}

/** root → outer → inner, and (idle). */
function cpuProfile(samples: number[], timeDeltas: number[], endTime: number): Profiler.Profile {
  return {
    nodes: [
      { id: 1, callFrame: ROOT, children: [2, 4] },
      { id: 2, callFrame: frame("outer", 9), children: [3] },
      { id: 3, callFrame: frame("", 11) },
      { id: 4, callFrame: frame("(idle)", -1, "") },
    ],
    startTime: 1000,
    endTime,
    samples,
    timeDeltas,
  };
}

describe("a CPU profile in pprof's format", () => {
  it("has each stack with its samples and nanoseconds, the innermost function first, without idling", () => {
    const bytes = cpuToPprof(cpuProfile([3, 3, 4, 2], [10, 1000, 2000, 500], 4600), 1_700_000_000_000);
    expect(decoded(bytes)).toEqual(["(anonymous) /srv/hub/a.ts:12 < outer /srv/hub/a.ts:10: 2 3000000", "outer /srv/hub/a.ts:10: 1 90000"]);
  });

  it("says its units, when it began and how long it took", () => {
    const { sampleType, stringTable, timeNanos, durationNanos } = Profile.decode(cpuToPprof(cpuProfile([], [], 4000), 1_700_000_000_000));
    expect(sampleType.map(({ type, unit }) => [type, unit].map((index) => stringTable.strings[Number(index)]))).toEqual([["samples", "count"], ["cpu", "nanoseconds"]]);
    expect([BigInt(timeNanos), Number(durationNanos)]).toEqual([1_700_000_000_000_000_000n, 3_000_000]);
  });

  it("loses no sample that is none of idling", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(2, 3, 4), fc.nat(5000))), (taken) => {
        const bytes = cpuToPprof(cpuProfile(taken.map(([id]) => id), taken.map(([, delta]) => delta), 1e9), 0);
        const counted = Profile.decode(bytes).sample.reduce((sum, { value }) => sum + Number(value[0]), 0);
        expect(counted).toBe(taken.filter(([id]) => id !== 4).length);
      }),
    );
  });
});

describe("a heap profile in pprof's format", () => {
  it("has the bytes of each stack that still holds some", () => {
    const head = node(ROOT, 8, [node(frame("outer", 9), 0, [node(frame("inner", 1), 640), node(frame("other", 2), 64)])]);
    const bytes = heapToPprof({ head }, { takenAt: 0, intervalBytes: 1024 });
    expect(decoded(bytes).toSorted()).toEqual(["(root) :0: 8", "inner /srv/hub/a.ts:2 < outer /srv/hub/a.ts:10: 640", "other /srv/hub/a.ts:3 < outer /srv/hub/a.ts:10: 64"]);
  });
});
