import { ManualClock } from "@sightline/shared/testing";
import type { Heartbeat } from "@sightline/shared/wire";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { heartbeat as plain } from "../testing/heartbeats.ts";
import { Heartbeats } from "./heartbeats.ts";

const numbers = { intervalMs: 10_000, graceMs: 30_000 };
const DAY_MS = 86_400_000;

let clock: ManualClock;
let heartbeats: Heartbeats;
let news: string[];
let sequence: number;

beforeEach(() => {
  clock = new ManualClock();
  news = [];
  sequence = 0;
  heartbeats = new Heartbeats(clock, (cluster, what) => news.push(`${cluster} ${what}`));
  heartbeats.register("eu-1", numbers);
});

/** The next heartbeat of the agent, sent now. */
function beat(change: Partial<Heartbeat> = {}, cluster = "eu-1"): string {
  return heartbeats.heartbeat(cluster, plain({ sequence: ++sequence, sentAt: clock.now(), ...change }));
}

/** Lets time pass as the shell does. */
async function pass(ms: number): Promise<void> {
  const end = clock.monotonic() + ms;
  while (clock.monotonic() < end) {
    await clock.advance(Math.min(1000, end - clock.monotonic()));
    heartbeats.advance();
  }
}

const available = (): boolean | undefined => heartbeats.get("eu-1")?.available;

describe("heartbeats", () => {
  it("know nothing of a cluster that is not registered", () => {
    expect([heartbeats.get("us-1"), heartbeats.last("us-1"), heartbeats.acknowledged("us-1")]).toEqual([undefined, undefined, undefined]);
  });

  it("keep what came before its registration did", () => {
    beat({}, "us-1");
    expect(heartbeats.get("us-1")).toBeUndefined();
    heartbeats.register("us-1", numbers);
    expect(heartbeats.get("us-1")).toMatchObject({ available: true, lastHeartbeatAt: clock.now() });
  });

  it("find a cluster silent just after interval and grace, once", async () => {
    beat();
    news = [];
    await pass(39_999);
    expect([available(), heartbeats.nextDeadline]).toEqual([true, clock.monotonic() + 1]);
    await pass(1);
    expect([available(), news, heartbeats.nextDeadline]).toEqual([false, ["eu-1 availability"], undefined]);
    await pass(60_000);
    expect(news).toHaveLength(1);
  });

  it("give a cluster its full time after a start before its silence counts", async () => {
    await pass(39_999);
    expect(available()).toBe(true);
    await pass(1);
    expect(available()).toBe(false);
  });

  it("take a cluster back at its first heartbeat", async () => {
    await pass(60_000);
    news = [];
    beat();
    expect([available(), news]).toEqual([true, ["eu-1 availability"]]);
  });

  it("judge nobody while the hub cannot hear, and give everybody their full time afterwards", async () => {
    beat();
    await pass(30_000);
    heartbeats.connectionLost();
    await pass(600_000);
    expect([available(), heartbeats.nextDeadline]).toEqual([true, undefined]);
    heartbeats.connectionRestored();
    await pass(39_999);
    expect(available()).toBe(true);
    await pass(1);
    expect(available()).toBe(false);
  });

  it("do not let the wall clock make silence", async () => {
    beat();
    clock.jump(3_600_000);
    await pass(1000);
    expect(available()).toBe(true);
  });

  it("judge an agent that has not heard of a shorter interval by its own", async () => {
    beat({ heartbeatIntervalMs: 60_000 });
    expect(heartbeats.numbersInForce("eu-1")).toEqual({ intervalMs: 60_000, graceMs: 30_000 });
    await pass(89_000);
    expect(available()).toBe(true);
    beat({ heartbeatIntervalMs: Number.MAX_SAFE_INTEGER });
    expect(heartbeats.numbersInForce("eu-1")?.intervalMs).toBe(600_000);
  });

  it("ignore what is older than the last, and what comes twice", () => {
    beat({ agentEpoch: 2, sequence: 5 });
    news = [];
    expect(beat({ agentEpoch: 2, sequence: 5 })).toBe("outdated");
    expect(beat({ agentEpoch: 2, sequence: 4 })).toBe("outdated");
    expect(beat({ agentEpoch: 1, sequence: 99 })).toBe("outdated");
    expect(beat({ agentEpoch: 3, sequence: 1 })).toBe("accepted");
  });

  it("do not believe one from the far future, which would make all later ones old", () => {
    expect(beat({ agentEpoch: Number.MAX_SAFE_INTEGER })).toBe("refused");
    expect(beat({ agentEpoch: clock.now() + DAY_MS + 1 })).toBe("refused");
    expect(beat({ sentAt: Number.MAX_SAFE_INTEGER })).toBe("skewed");
    expect(beat()).toBe("accepted");
    expect(beat({ agentEpoch: clock.now() + DAY_MS })).toBe("accepted");
    expect(heartbeats.get("eu-1")?.clockOffsetMs).toBe(0);
  });

  it("believe an agent again that lost its memory and whose clock was set back, once it is silent and past all that was heard", async () => {
    beat({ agentEpoch: 9, sentAt: clock.now() + 600_000 });
    expect(beat({ agentEpoch: 1 })).toBe("outdated");
    await pass(60_000);
    expect(beat({ agentEpoch: 1 })).toBe("outdated");
    await pass(540_001);
    expect(beat({ agentEpoch: 1 })).toBe("accepted");
    expect(beat({ agentEpoch: 1 })).toBe("accepted");
  });

  it("tell what is new, and nothing else", () => {
    beat();
    beat();
    expect(news).toEqual(["eu-1 availability"]);
    beat({ held: { epoch: 1, generation: 2, count: 2, checksum: "0".repeat(64) } });
    beat({ held: { epoch: 1, generation: 2, count: 2, checksum: "0".repeat(64) }, agentVersion: "0.2.0" });
    beat({ held: null, agentVersion: "0.2.0" });
    expect(news).toEqual(["eu-1 availability", "eu-1 position", "eu-1 agent", "eu-1 position"]);
  });

  it("know the position that a cluster holds, and every epoch held", () => {
    beat({ held: { epoch: 7, generation: 3, count: 0, checksum: "0".repeat(64) } });
    expect(heartbeats.acknowledged("eu-1")).toEqual({ epoch: 7, generation: 3 });
    expect(heartbeats.epochs()).toEqual([7]);
    beat({ held: null });
    expect(heartbeats.acknowledged("eu-1")).toBeUndefined();
  });

  it("take the least delayed of the last few for the clock offset", async () => {
    for (const delay of [300, 20, 900]) {
      await pass(1000);
      beat({ sentAt: clock.now() + 5000 - delay });
    }
    expect(heartbeats.get("eu-1")?.clockOffsetMs).toBe(4980);
    beat({ agentEpoch: 2, sentAt: clock.now() - 3000 });
    expect(heartbeats.get("eu-1")?.clockOffsetMs).toBe(-3000);
  });

  it("forget a cluster that is not registered any more", () => {
    beat();
    heartbeats.unregister("eu-1");
    expect(heartbeats.get("eu-1")).toBeUndefined();
    expect(heartbeats.nextDeadline).toBeUndefined();
  });

  it("remember only so many names that nobody registered", () => {
    const answers = Array.from({ length: 1001 }, (_, index) => beat({}, `x-${index}`));
    expect([answers[999], answers[1000]]).toEqual(["accepted", "refused"]);
    expect(beat()).toBe("accepted");
  });
});

describe("heartbeats that somebody recorded or held back, or of a wrong clock", () => {
  it.each([0, 60_000, DAY_MS])("let nobody revive a cluster, silent for %i ms, by heartbeats that were recorded", async (silenceMs) => {
    const recorded = [1, 2, 3].map((index) => plain({ sequence: index, sentAt: clock.now() + index }));
    for (const one of recorded) expect(heartbeats.heartbeat("eu-1", one)).toBe("accepted");
    await pass(40_000);
    await clock.advance(silenceMs);
    expect(available()).toBe(false);
    for (const one of recorded) expect(heartbeats.heartbeat("eu-1", one)).toBe("outdated");
    expect([available(), heartbeats.get("eu-1")?.clockOffsetMs]).toEqual([false, 3]);
    expect(heartbeats.heartbeat("eu-1", plain({ sequence: 4, sentAt: clock.now() }))).toBe("accepted");
    expect(available()).toBe(true);
  });

  it("take nothing for new, after a restart, that a hub before has heard", () => {
    const heardUpTo = clock.now() + 5000;
    const old = plain({ sequence: 7, sentAt: heardUpTo - 1 });
    for (const name of ["us-1", "ap-1"]) {
      // Also one that came before its registration was known.
      if (name === "ap-1") expect(heartbeats.heartbeat(name, old)).toBe("accepted");
      heartbeats.register(name, numbers, heardUpTo);
      expect(heartbeats.heartbeat(name, old)).toBe("outdated");
      expect(heartbeats.get(name)?.lastHeartbeatAt).toBeUndefined();
      expect(heartbeats.heartbeat(name, { ...old, sentAt: heardUpTo })).toBe("accepted");
    }
  });

  it.each([-1, 1])("bear a clock that is off by ten minutes, and count no further one as a sign of life: %i", async (sign) => {
    expect(beat({ sentAt: clock.now() + sign * 600_000 })).toBe("accepted");
    news = [];
    for (let seconds = 0; seconds < 40; seconds += 10) {
      expect(beat({ sentAt: clock.now() + sign * 1_200_000 })).toBe("skewed");
      await pass(10_000);
    }
    expect(news).toEqual(["eu-1 agent", "eu-1 availability"]);
    expect(heartbeats.get("eu-1")).toMatchObject({ available: false, skewedByMs: sign * 1_200_000, clockOffsetMs: sign * 600_000 });
    expect(beat()).toBe("accepted");
    expect(heartbeats.get("eu-1")).not.toHaveProperty("skewedByMs");
  });
});

type Step = { kind: "beat"; sequence: number } | { kind: "pass"; seconds: number } | { kind: "lost" | "restored" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("beat" as const), sequence: fc.nat(100) }),
  fc.record({ kind: fc.constant("pass" as const), seconds: fc.nat(50) }),
  fc.record({ kind: fc.constantFrom("lost" as const, "restored" as const) }),
);

describe("heartbeats in any order", () => {
  it("never call a cluster silent within interval and grace of its last accepted heartbeat, a reconnect or the start", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const time = new ManualClock();
        let quietSince = time.monotonic();
        let connected = true;
        const subject = new Heartbeats(time, () => {
          if (subject.get("eu-1")?.available !== false) return;
          expect(connected).toBe(true);
          expect(time.monotonic() - quietSince).toBeGreaterThanOrEqual(40_000);
        });
        subject.register("eu-1", numbers);
        for (const next of steps) {
          if (next.kind === "beat" && subject.heartbeat("eu-1", plain({ sequence: next.sequence, sentAt: time.now() })) === "accepted") quietSince = time.monotonic();
          if (next.kind === "pass") await time.advance(next.seconds * 1000);
          if (next.kind === "lost") {
            connected = false;
            subject.connectionLost();
          }
          if (next.kind === "restored") {
            connected = true;
            quietSince = time.monotonic();
            subject.connectionRestored();
          }
          subject.advance();
        }
      }),
    );
  });
});
