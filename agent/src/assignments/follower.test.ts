import { SightlineError } from "@sightline/shared";
import { headSigner, headsSignedBy, newSigningKey, signMessage } from "@sightline/shared/identity";
import type { AssignmentReader, Delivery, ReadEnd } from "@sightline/shared/nats";
import { AssignmentMirror, type CompleteSet, committedMessages, planBatch } from "@sightline/shared/protocol";
import { type Logger, silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { type Check, checkHash, headSubject } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import { AssignmentFollower } from "./follower.ts";

const hub = newSigningKey("hub").key;
const isAuthentic = headsSignedBy(() => [hub.publicKey]);
const check: Check = { url: "http://a/", method: "GET", headers: {}, intervalMs: 1000, timeoutMs: 1000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh" };
const uidOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** Messages of one batch that assigns `count` checks, then the head. */
function messages(count: number, epoch = 1, signer = hub): Delivery["message"][] {
  const changes = Array.from({ length: count }, (_none, n) => ({
    uid: uidOf(n),
    wanted: new Map([["eu-1", { uid: uidOf(n), namespace: "n", name: `m-${n}`, checkHash: checkHash(check), check, suspend: false }]]),
  }));
  const plan = planBatch(new AssignmentMirror(isAuthentic), changes, [], { epoch, settings: () => ({ region: "r", heartbeatIntervalMs: 1000 }), sign: headSigner(signer) });
  return committedMessages(plan, plan.messages.length);
}

/** A consumer that a test makes, feeds and takes away. */
class FakeReader implements AssignmentReader {
  exists = false;
  resets = 0;
  #deliver: ((delivery: Delivery) => void) | undefined;
  #end: ((end: ReadEnd) => void) | undefined;

  reset(): Promise<void> {
    if (!this.exists) return Promise.reject(new SightlineError("NO_CONSUMER", "no answer"));
    this.resets += 1;
    return Promise.resolve();
  }

  read(deliver: (delivery: Delivery) => void): Promise<ReadEnd> {
    this.#deliver = deliver;
    return new Promise((resolve) => (this.#end = resolve));
  }

  stop(): void {
    this.#end?.("stopped");
  }

  vanish(): void {
    this.exists = false;
    this.#end?.("no-consumer");
  }

  feed(message: Delivery["message"], startsOver = false): void {
    this.#deliver?.({ message, startsOver });
  }
}

function bench(log: Logger = silentLogger): { clock: ManualClock; reader: FakeReader; follower: AssignmentFollower; sets: CompleteSet[]; following: Promise<void> } {
  const [clock, reader, sets] = [new ManualClock(), new FakeReader(), new Array<CompleteSet>()];
  const follower = new AssignmentFollower({ cluster: "eu-1", clock, random: () => 0.5, log, isAuthentic, stored: undefined, onSet: (set) => sets.push(set) });
  return { clock, reader, follower, sets, following: follower.follow(reader) };
}

describe("following the assignments", () => {
  it("keeps trying while the consumer does not exist, and when it vanishes, and never gives up", async () => {
    const { clock, reader, follower, sets, following } = bench();
    await clock.advance(600_000);
    expect(follower.resets).toBe(0);
    reader.exists = true;
    await clock.advance(2000);
    expect(reader.resets).toBe(1);
    for (const message of messages(2)) reader.feed(message);
    expect(sets).toHaveLength(1);
    reader.vanish();
    await clock.advance(3_600_000);
    expect(follower.active).toBe(sets[0]);
    reader.exists = true;
    await clock.advance(2000);
    expect(reader.resets).toBe(2);
    follower.stop();
    await following;
  });

  it("starts over when the set stays incomplete, and switches when it is whole", async () => {
    const { clock, reader, follower, sets } = bench();
    reader.exists = true;
    await clock.advance(2000);
    const [lost, ...others] = messages(3);
    for (const message of others) reader.feed(message);
    await clock.advance(6000);
    expect([sets.length, reader.resets, follower.resets]).toEqual([0, 2, 2]);
    for (const [index, message] of [lost, ...others].entries()) if (message !== undefined) reader.feed(message, index === 0);
    expect(sets).toHaveLength(1);
    await clock.advance(3_600_000);
    expect(follower.resets).toBe(2);
    follower.stop();
  });

  it("takes a stream that begins anew, with lower sequences, for what it is", async () => {
    const { clock, reader, follower, sets } = bench();
    reader.exists = true;
    await clock.advance(2000);
    for (const message of messages(3)) reader.feed({ ...message, sequence: message.sequence + 1000 });
    for (const [index, message] of messages(1, 2).entries()) reader.feed(message, index === 0);
    expect(sets.map(({ head }) => [head.epoch, head.count])).toEqual([
      [1, 3],
      [2, 1],
    ]);
    follower.stop();
  });

  it("logs and counts a head that cannot be read, and goes on", async () => {
    const { clock, reader, follower, sets } = bench();
    reader.exists = true;
    await clock.advance(2000);
    const payload = Buffer.from("{}");
    reader.feed({ subject: headSubject("eu-1"), sequence: 1, payload, signature: signMessage(hub, headSubject("eu-1"), payload) });
    expect([follower.unreadableHeads, follower.forgedHeads]).toEqual([1, 0]);
    for (const message of messages(2)) reader.feed({ ...message, sequence: message.sequence + 1 });
    expect(sets).toHaveLength(1);
    follower.stop();
  });

  it("counts heads that the hub did not sign, says it seldom, and runs nothing of theirs", async () => {
    const lines: string[] = [];
    const { clock, reader, follower, sets } = bench({ ...silentLogger, warn: (line) => void lines.push(line) });
    reader.exists = true;
    await clock.advance(2000);
    const forged = messages(2, 1e15).map(({ subject, sequence, payload }) => ({ subject, sequence, payload }));
    for (const message of forged) reader.feed(message);
    for (const [index, message] of messages(2, 1e15, newSigningKey("hub").key).entries()) reader.feed({ ...message, sequence: 10 + index });
    expect([sets.length, follower.forgedHeads, follower.unreadableHeads, follower.state]).toEqual([0, 2, 0, "incomplete"]);
    expect(lines).toEqual(["The head of the assignments is not signed by the hub, and is not followed"]);
    for (const message of messages(2)) reader.feed({ ...message, sequence: message.sequence + 20 });
    expect(sets).toHaveLength(1);
    follower.stop();
  });
});
