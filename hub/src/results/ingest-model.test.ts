import type { CheckpointPair, ProbeResult } from "@sightline/shared/wire";
import { partitionOf } from "@sightline/shared/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlanRegistry } from "../monitors/registry.ts";
import { ResultStore } from "./store.ts";
import { planOver, resultOf, UID } from "./testing.ts";

/**
 * Checkpointed ingest as a model: owners of one partition that crash and overlap, over a stream with duplicates and
 * reordered results. The owners decide by the real ResultStore; the stream, the checkpoint and Kubernetes are modelled.
 */

const CLUSTERS = ["eu-1", "us-1"];
const PARTITION = partitionOf(UID);
const THRESHOLDS = { failures: 2, window: 3, successes: 2 };
const RUNS = Number(process.env["SIGHTLINE_MODEL_RUNS"] ?? 300);

interface Message {
  cluster: string;
  result: ProbeResult;
}

/** What outlives an owner. */
class Outside {
  readonly messages: readonly Message[];
  /** So many of them are stored by now. */
  stored = 0;
  /** The outcome that Kubernetes shows, by cluster. */
  readonly shown = new Map<string, boolean>();
  checkpoint: { sequence: number; pairs: CheckpointPair[] } = { sequence: 0, pairs: [] };
  /** What checkpoints are compared-and-set against. */
  revision = 0;

  constructor(messages: readonly Message[]) {
    this.messages = messages;
  }
}

class ModelOwner {
  readonly #outside: Outside;
  readonly store: ResultStore;
  #read: number;
  #revision: number;
  readonly #storedAtStart: number;
  owns = true;

  constructor(outside: Outside) {
    const registry = new PlanRegistry();
    registry.put(planOver(CLUSTERS));
    this.#outside = outside;
    this.store = new ResultStore(registry, () => true, () => THRESHOLDS);
    outside.revision += 1;
    this.#revision = outside.revision;
    this.store.restore(PARTITION, outside.checkpoint.pairs);
    this.#read = outside.checkpoint.sequence;
    this.#storedAtStart = outside.stored;
  }

  /** What was stored when it began has been read. */
  get caughtUp(): boolean {
    return this.#read >= this.#storedAtStart;
  }

  read(): void {
    const message = this.#outside.messages[this.#read];
    if (!this.owns || message === undefined || this.#read >= this.#outside.stored) return;
    this.#read += 1;
    const origin = { partition: PARTITION, cluster: message.cluster, sequence: this.#read, storedAt: this.#read, readAt: this.#read, clockOffsetMs: 0 };
    this.store.offer({ source: `/clusters/${message.cluster}`, data: message.result }, origin);
  }

  /**
   * Shows the present outcome in Kubernetes, and dies before the answer or goes on; nothing before the replay is over.
   * While the answer is on its way one more result may be read.
   */
  show(answered: boolean): void {
    if (!this.owns || !this.caughtUp) return;
    const change = this.store.lastChange(UID);
    for (const [cluster, { success }] of this.store.pairs(UID)) this.#outside.shown.set(cluster, success);
    this.read();
    if (answered) this.store.settled(UID, change);
  }

  /** As PartitionOwner does it: never past the first change that Kubernetes does not show. */
  save(): void {
    if (!this.owns) return;
    if (this.#outside.revision !== this.#revision) {
      this.owns = false;
      return;
    }
    const unsettled = this.store.firstUnsettled(PARTITION);
    const sequence = unsettled === undefined ? this.#read : Math.min(this.#read, unsettled - 1);
    this.#outside.checkpoint = { sequence, pairs: structuredClone(this.store.snapshot(PARTITION)) };
    this.#outside.revision += 1;
    this.#revision = this.#outside.revision;
  }
}

/** Results of two clusters in their agents' order, then some again, and some late. */
const streams = fc
  .array(fc.record({ cluster: fc.constantFrom(...CLUSTERS), success: fc.boolean() }), { minLength: 1, maxLength: 15 })
  .chain((outcomes) => {
    const messages = outcomes.map(({ cluster, success }, at): Message => ({ cluster, result: resultOf({ success, sequence: at + 1, scheduledAt: at, endedAt: at }) }));
    return fc.tuple(fc.constant(messages), fc.array(fc.tuple(fc.constantFrom(...messages), fc.nat(20)), { maxLength: 8 }));
  })
  .map(([messages, again]) => again.reduce<Message[]>((all, [message, at]) => all.toSpliced(Math.min(at, all.length), 0, message), messages));

type Step = "arrive" | "read" | "show" | "show and die" | "save" | "crash" | "second owner" | "swap";
const steps = fc.array(fc.constantFrom<Step>("arrive", "arrive", "arrive", "read", "read", "read", "read", "show", "show and die", "save", "save", "crash", "second owner", "swap"), { minLength: 10, maxLength: 80, size: "max" });

/** Moves the owners; the first of the list is the one that acts. */
function play(outside: Outside, story: readonly Step[]): void {
  let owners = [new ModelOwner(outside)];
  const acts: Record<Step, (owner: ModelOwner) => void> = {
    arrive: () => (outside.stored = Math.min(outside.stored + 1, outside.messages.length)),
    read: (owner) => owner.read(),
    show: (owner) => owner.show(true),
    "show and die": (owner) => {
      owner.show(false);
      owners = [new ModelOwner(outside), ...owners.slice(1)];
    },
    save: (owner) => owner.save(),
    crash: () => (owners = [new ModelOwner(outside), ...owners.slice(1)]),
    "second owner": () => (owners = [new ModelOwner(outside), ...owners].slice(0, 2)),
    swap: () => (owners = owners.toReversed()),
  };
  for (const step of story) {
    const [owner] = owners;
    if (owner !== undefined) acts[step](owner);
  }
}

/** The state after every message was read once, with nothing in between. */
function uninterrupted(messages: readonly Message[]): CheckpointPair[] {
  return finish(new Outside(messages)).store.snapshot(PARTITION);
}

/** A new owner reads all, shows it, and saves. */
function finish(outside: Outside): ModelOwner {
  outside.stored = outside.messages.length;
  const owner = new ModelOwner(outside);
  while (!owner.caughtUp) owner.read();
  owner.show(true);
  owner.save();
  return owner;
}

/** Each pair's own identity, outcome, and what damping makes of its results. */
function damped(pairs: readonly CheckpointPair[]): unknown[] {
  return pairs.map(({ cluster, state }) => [cluster, state.sequence, state.damping?.passed, state.damping?.recent]).toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
}

/** Each pair's own identity and outcome: arrival times differ with the order of duplicates. */
function outcomes(pairs: readonly CheckpointPair[]): unknown[] {
  return pairs.map(({ cluster, state }) => [cluster, state.agentEpoch, state.sequence, state.success]).toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
}

describe("checkpointed ingest", () => {
  it("ends as if nobody had crashed, wherever owners die, overlap and replay", () => {
    fc.assert(
      fc.property(streams, steps, (messages, story) => {
        const outside = new Outside(messages);
        play(outside, story);
        const last = finish(outside);
        const expected = uninterrupted(messages);
        expect(outcomes(last.store.snapshot(PARTITION))).toEqual(outcomes(expected));
        expect(damped(last.store.snapshot(PARTITION))).toEqual(damped(expected));
        expect(outside.shown).toEqual(new Map(expected.map(({ cluster, state }) => [cluster, state.success])));
      }),
      { numRuns: RUNS },
    );
  });

  it("loses nothing that Kubernetes does not show: a checkpoint and the messages after it give every outcome", () => {
    fc.assert(
      fc.property(streams, steps, (messages, story) => {
        const outside = new Outside(messages);
        play(outside, story);
        outside.stored = messages.length;
        const replayed = new ModelOwner(outside);
        while (!replayed.caughtUp) replayed.read();
        expect(outcomes(replayed.store.snapshot(PARTITION))).toEqual(outcomes(uninterrupted(messages)));
        expect(damped(replayed.store.snapshot(PARTITION))).toEqual(damped(uninterrupted(messages)));
      }),
      { numRuns: RUNS },
    );
  });

  it("comes to the same state whatever the order and number of deliveries", () => {
    const shuffled = streams.chain((messages) => fc.tuple(fc.constant(messages), fc.shuffledSubarray(messages, { minLength: messages.length })));
    fc.assert(
      fc.property(shuffled, ([messages, other]) => {
        expect(outcomes(uninterrupted([...other, ...other]))).toEqual(outcomes(uninterrupted(messages)));
      }),
      { numRuns: RUNS },
    );
  });

  it("stops an owner whose checkpoint another one has taken over, and keeps the other one's", () => {
    const outside = new Outside([{ cluster: "eu-1", result: resultOf({ success: false }) }]);
    outside.stored = 1;
    const first = new ModelOwner(outside);
    first.read();
    const second = new ModelOwner(outside);
    second.read();
    second.show(true);
    second.save();
    const kept = outside.checkpoint;
    first.save();
    expect([first.owns, second.owns, outside.checkpoint]).toEqual([false, true, kept]);
  });

  it("keeps its checkpoint before the first change that Kubernetes does not show", () => {
    const outside = new Outside([true, true, false].map((success, at) => ({ cluster: "eu-1", result: resultOf({ success, sequence: at + 1 }) })));
    outside.stored = 2;
    const owner = new ModelOwner(outside);
    for (let count = 0; count < 2; count += 1) owner.read();
    owner.save();
    expect(outside.checkpoint.sequence).toBe(0);
    owner.show(true);
    outside.stored = 3;
    owner.read();
    owner.save();
    expect(outside.checkpoint.sequence).toBe(2);
    owner.show(true);
    owner.save();
    expect(outside.checkpoint.sequence).toBe(3);
  });

  it("does not take a change for shown that was read while the status before it was on its way", () => {
    const outside = new Outside([true, false].map((success, at) => ({ cluster: "eu-1", result: resultOf({ success, sequence: at + 1 }) })));
    outside.stored = 1;
    const owner = new ModelOwner(outside);
    while (!owner.caughtUp) owner.read();
    outside.stored = 2;
    owner.show(true);
    owner.save();
    expect([outside.shown.get("eu-1"), outside.checkpoint.sequence]).toEqual([true, 1]);
  });
});
