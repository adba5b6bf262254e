import { describe, expect, it } from "vitest";
import { SpanTally } from "./span-tally.ts";

const MINUTE_MS = 60_000;

describe("spans on their way", () => {
  it("are so many at most, whatever the collector does", () => {
    const tally = new SpanTally(2);
    expect([tally.take(), tally.take(), tally.take()]).toEqual([true, true, false]);
    tally.settle(1);
    expect([tally.waiting, tally.take(), tally.take()]).toEqual([1, true, false]);
  });

  it("are not spoken of while none is lost", () => {
    const tally = new SpanTally(2);
    tally.take();
    tally.settle(1);
    expect(tally.tell(0)).toBeUndefined();
  });

  it("are told with their number and the last reason, once a minute at most", () => {
    const tally = new SpanTally(2);
    for (let span = 0; span < 3; span++) tally.take();
    expect(tally.tell(0)).toEqual({ lost: 1, reason: "more than 2 spans wait for the collector" });
    tally.settle(2, "connection refused");
    expect(tally.tell(MINUTE_MS - 1)).toBeUndefined();
    expect(tally.tell(MINUTE_MS)).toEqual({ lost: 2, reason: "connection refused" });
    expect(tally.tell(3 * MINUTE_MS)).toBeUndefined();
  });

  it("are told of at the end, however short ago others were: those that still wait, and those of the last minute", () => {
    const tally = new SpanTally(2);
    for (let span = 0; span < 3; span++) tally.take();
    tally.tell(0);
    tally.settle(1, "connection refused");
    expect(tally.tellLast(1)).toEqual({ lost: 2, reason: "the process stops" });
    tally.settle(1, "connection refused");
    expect(tally.tell(2)).toBeUndefined();
  });

  it("have no last word when none is lost, and keep their reason when none waits", () => {
    const tally = new SpanTally(2);
    expect(tally.tellLast(0)).toBeUndefined();
    tally.take();
    tally.settle(1, "connection refused");
    expect(tally.tellLast(0)).toEqual({ lost: 1, reason: "connection refused" });
  });
});
