import { ManualClock } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { KubeError, type KubeErrorCode } from "../kube/errors.ts";
import type { EventNote } from "../kube/events.ts";
import { HTTP_MONITORS } from "../kube/resources.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { EventRecorder } from "./event-recorder.ts";

function note(name: string): EventNote {
  return { resource: HTTP_MONITORS, object: { namespace: "shop", name, uid: name }, reason: "Unhealthy", message: "", at: 0, identity: "1" };
}

let clock: ManualClock;
let logger: RecordingLogger;
let written: string[];
let recorder: EventRecorder;
/** What the API server answers to each try, until the list is over. */
let refusals: KubeErrorCode[];

beforeEach(() => {
  clock = new ManualClock();
  logger = new RecordingLogger();
  written = [];
  refusals = [];
  recorder = new EventRecorder({ create, clock, random: () => 0.5, logger });
});

function create({ object }: EventNote): Promise<void> {
  const code = refusals.shift();
  if (code !== undefined) return Promise.reject(new KubeError(code, "refused", { retryable: true }));
  written.push(object.name);
  return Promise.resolve();
}

describe("the recorder of Events", () => {
  it("writes in order, and again after it had nothing to do", async () => {
    recorder.record(note("a"));
    recorder.record(note("b"));
    await clock.advance(0);
    recorder.record(note("c"));
    await clock.advance(0);
    expect(written).toEqual(["a", "b", "c"]);
  });

  it("repeats while the API server is away, and gives up after a while", async () => {
    refusals = ["UNAVAILABLE", "TIMEOUT", "TOO_MANY_REQUESTS"];
    recorder.record(note("a"));
    await clock.advance(60_000);
    expect(written).toEqual(["a"]);
    refusals = Array<KubeErrorCode>(6).fill("UNAVAILABLE");
    recorder.record(note("b"));
    recorder.record(note("c"));
    await clock.advance(60_000);
    expect(written).toEqual(["a", "c"]);
    expect(logger.messages).toEqual(["An Event could not be written"]);
  });

  it("gives everything up at the first refusal because another hub leads, and says so in one line", async () => {
    for (let number = 0; number < 40; number++) recorder.record(note(`n${number}`));
    refusals = Array<KubeErrorCode>(100).fill("NOT_LEADING");
    await clock.advance(60_000);
    recorder.record(note("late"));
    await clock.advance(60_000);
    await recorder.stop();
    expect(refusals).toHaveLength(99);
    expect(logger.lines).toMatchObject([
      { message: "Events were lost", fields: { lost: 40, error_type: "NOT_LEADING" } },
      { message: "Events were lost", fields: { lost: 1 } },
    ]);
  });

  it.each(["FORBIDDEN", "NOT_FOUND"] as const)("does not repeat what is refused for good: %s", async (code) => {
    refusals = [code];
    recorder.record(note("a"));
    recorder.record(note("b"));
    await clock.advance(0);
    expect(written).toEqual(["b"]);
  });

  it("keeps a crowd within its rate and its bound, and says how many were lost", async () => {
    for (let number = 0; number < 1500; number++) recorder.record(note(`n${number}`));
    await clock.advance(0);
    expect(written).toHaveLength(50);
    await clock.advance(10_000);
    expect(written).toHaveLength(300);
    await clock.advance(60_000);
    expect(written).toHaveLength(1001);
    expect(logger.lines).toMatchObject([{ message: "Events were lost", fields: { lost: 499 } }]);
  });

  it("tries once more what waits when it is stopped, and takes nothing more in", async () => {
    for (let number = 0; number < 100; number++) recorder.record(note(`n${number}`));
    await recorder.stop();
    expect(written).toHaveLength(100);
    recorder.record(note("late"));
    await clock.advance(60_000);
    expect(written).toHaveLength(100);
  });

  it("says how many were still waiting when the time to stop was over", async () => {
    let hang = true;
    const answer = Promise.withResolvers<void>();
    recorder = new EventRecorder({ create: (what) => (hang ? answer.promise : create(what)), clock, random: () => 0.5, logger });
    for (let number = 0; number < 10; number++) recorder.record(note(`n${number}`));
    const stopped = recorder.stop();
    await clock.advance(3000);
    hang = false;
    answer.resolve();
    await stopped;
    expect(written).toEqual([]);
    expect(logger.lines).toMatchObject([{ message: "Events were lost", fields: { lost: 9 } }]);
  });

  it("does not hold up a stop for an API server that is away", async () => {
    refusals = Array<KubeErrorCode>(11).fill("UNAVAILABLE");
    for (let number = 0; number < 10; number++) recorder.record(note(`n${number}`));
    await clock.advance(0);
    await recorder.stop();
    expect(written).toEqual([]);
  });
});
