import { describe, expect, it } from "vitest";
import { SightlineError } from "../errors.ts";
import { ManualClock } from "../testing/mod.ts";
import { FirstConnection } from "./first-connection.ts";

interface Line {
  close(): Promise<void>;
}

/** Answers each attempt in turn; the last answer again and again. */
function scene(...answers: (string | Line)[]) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const told: string[] = [];
  let attempts = 0;
  const connect = async (): Promise<Line> => {
    const answer = answers[Math.min(attempts++, answers.length - 1)];
    if (typeof answer === "object") return answer;
    throw new SightlineError("NATS_UNAVAILABLE", answer ?? "no answer");
  };
  const first = new FirstConnection({ connect, clock, random: () => 0, signal: stop.signal, onFailure: (error) => told.push(String(error)) });
  return { clock, stop, told, first, attempts: () => attempts };
}

const line: Line = { close: () => Promise.resolve() };

describe("the first connection", () => {
  it("is tried until it stands, and says meanwhile why it does not", async () => {
    const { clock, first, told } = scene("self-signed certificate", line);
    const made = first.made();
    await clock.advance(1);
    expect(first.reason).toBe("self-signed certificate");
    await clock.advance(1000);
    expect(await made).toBe(line);
    expect(first.reason).toBeUndefined();
    expect(told).toHaveLength(1);
  });

  it("tells of the same reason once a minute, and of another one at once", async () => {
    const { clock, first, told, stop, attempts } = scene("refused", "refused", "expired", "refused");
    const made = first.made();
    await clock.advance(59_000);
    expect(attempts()).toBeGreaterThan(20);
    expect(told).toEqual(["SightlineError: refused", "SightlineError: expired"]);
    await clock.advance(4000);
    expect(told).toHaveLength(3);
    stop.abort();
    expect(await made).toBeUndefined();
  });

  it("is let go of when it comes after the end", async () => {
    let closed = false;
    const { first, stop } = scene({ close: async () => void (closed = true) });
    const made = first.made();
    stop.abort();
    expect(await made).toBeUndefined();
    expect(closed).toBe(true);
  });
});
