import { ManualClock } from "@sightline/shared/testing";
import { Registry } from "prom-client";
import { beforeEach, describe, expect, it } from "vitest";
import { KubeError } from "../kube/errors.ts";
import { eventName, type EventNote } from "../kube/events.ts";
import { SECRETS } from "../kube/resources.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import type { LeakResource, Suspect } from "./leak-book.ts";
import { LeakDetector } from "./leak-detector.ts";
import { orphanedAssignments } from "./suspects.ts";

const INTERVAL_MS = 1000;

let clock: ManualClock;
let logger: RecordingLogger;
let registry: Registry;
let events: string[];
let eventNames: Set<string>;
let told: number[];
/** What each kind's next look gives. */
let seen: Partial<Record<LeakResource, Suspect[] | KubeError>>;
let stopping: AbortController;
let running: Promise<void>;

beforeEach(() => {
  clock = new ManualClock();
  logger = new RecordingLogger();
  registry = new Registry();
  [events, eventNames, told, seen] = [[], new Set(), [], { secret: [], configmap: [] }];
  stopping = new AbortController();
  const sources = (["secret", "configmap"] as const).map((leak) => ({ leak, look: () => answerOf(seen[leak]) }));
  const detector = new LeakDetector({ sources, intervalMs: INTERVAL_MS, ageMs: 2 * INTERVAL_MS, recordEvent, onLook: (leaks) => void told.push(leaks.length), registry, clock, logger });
  running = detector.run(stopping.signal);
});

function recordEvent(note: EventNote): void {
  events.push(`${note.object.name} ${note.reason}`);
  eventNames.add(eventName(note));
}

function answerOf(answer: Suspect[] | KubeError | undefined): Promise<Suspect[] | undefined> {
  return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
}

function orphan(leak: LeakResource, name: string): Suspect {
  return { leak, id: `${leak} ${name}`, name, event: { resource: SECRETS, object: { name, uid: name }, reason: "Orphaned", message: "" } };
}

async function figures(): Promise<string[]> {
  return (await registry.metrics()).split("\n").filter((line) => /^resource_leaks.*(secret|configmap)/.test(line)).toSorted();
}

/** How many there are now. */
async function gauges(): Promise<string[]> {
  return (await figures()).filter((line) => line.startsWith("resource_leaks{"));
}

describe("the leak detector", () => {
  it("begins every count at 0", async () => {
    await clock.advance(0);
    expect(await figures()).toEqual([
      'resource_leaks_total{resource="configmap",kind="orphaned"} 0',
      'resource_leaks_total{resource="secret",kind="orphaned"} 0',
      'resource_leaks{resource="configmap",kind="orphaned"} 0',
      'resource_leaks{resource="secret",kind="orphaned"} 0',
    ]);
  });

  it("counts and tells a leak once, however often it is seen, and says how many there are after each look", async () => {
    seen.secret = [orphan("secret", "a")];
    await clock.advance(5 * INTERVAL_MS);
    expect(events).toEqual(["a Orphaned"]);
    expect((await figures()).slice(1)).toEqual(['resource_leaks_total{resource="secret",kind="orphaned"} 1', 'resource_leaks{resource="configmap",kind="orphaned"} 0', 'resource_leaks{resource="secret",kind="orphaned"} 1']);
    seen.secret = [];
    await clock.advance(INTERVAL_MS);
    expect((await figures()).at(-1)).toBe('resource_leaks{resource="secret",kind="orphaned"} 0');
    expect(told).toEqual([0, 0, 0, 1, 1, 1, 0]);
    expect(logger.messages).toEqual(["A leak was found", "A leak is gone"]);
  });

  it("makes an Event of its own of each leak, also of several about one object", async () => {
    const home = { name: "sightline-system", uid: "1" };
    seen.secret = orphanedAssignments(["a", "b", "c"], new Set(), home).map((suspect) => ({ ...suspect, leak: "secret" }));
    await clock.advance(5 * INTERVAL_MS);
    expect([events.length, eventNames.size]).toEqual([3, 3]);
  });

  it("goes on with the others where a kind cannot be looked at, and says so once until it can", async () => {
    seen = { secret: new KubeError("FORBIDDEN", "no", { retryable: true }), configmap: [orphan("configmap", "map")] };
    await clock.advance(5 * INTERVAL_MS);
    expect(events).toEqual(["map Orphaned"]);
    expect(logger.lines.filter(({ level, message }) => level === "warn" && message === "Leaks of a kind cannot be looked for")).toHaveLength(1);
    seen.secret = [];
    await clock.advance(INTERVAL_MS);
    seen.secret = new KubeError("FORBIDDEN", "no", { retryable: true });
    await clock.advance(3 * INTERVAL_MS);
    expect(logger.messages.filter((message) => message === "Leaks of a kind cannot be looked for")).toHaveLength(2);
  });

  it("does not say 0 of a kind that could not be looked at, and keeps what it found before", async () => {
    const [maps, secrets] = ['resource_leaks{resource="configmap",kind="orphaned"}', 'resource_leaks{resource="secret",kind="orphaned"}'];
    seen.secret = new KubeError("FORBIDDEN", "no", { retryable: true });
    await clock.advance(INTERVAL_MS);
    expect(await gauges()).toEqual([`${maps} 0`]);
    seen.secret = [orphan("secret", "a")];
    await clock.advance(3 * INTERVAL_MS);
    expect(await gauges()).toEqual([`${maps} 0`, `${secrets} 1`]);
    seen.secret = new KubeError("FORBIDDEN", "no", { retryable: true });
    await clock.advance(INTERVAL_MS);
    expect(await gauges()).toEqual([`${maps} 0`, `${secrets} 1`]);
  });

  it("ends when it is told to", async () => {
    await clock.advance(0);
    stopping.abort();
    await running;
    expect(clock.pending).toBe(0);
  });
});
