import { describe, expect, it } from "vitest";
import { type Checkpoint, encodeCheckpoint, parseCheckpoint, parseCheckpointManifest } from "./checkpoint.ts";
import { WireError } from "./errors.ts";

const STATE = { checkHash: "h", agentEpoch: 1, sequence: 7, endedAt: 5, success: true, statusCode: 200, durationMs: 1.5, phases: { dns: 1 } };

/** Writes a checkpoint of one pair and reads it back. */
function again(state: object): Checkpoint {
  const checkpoint: Checkpoint = { created: "c", sequence: 9, storedAt: 1, pairs: [{ uid: "u", cluster: "eu-1", state: { ...STATE, ...state } }] };
  const messages = encodeCheckpoint(3, "me", checkpoint);
  const manifest = parseCheckpointManifest(messages.at(-1)?.payload ?? new Uint8Array());
  return parseCheckpoint(manifest, messages.slice(0, -1).map(({ payload }) => payload));
}

describe("a checkpoint", () => {
  it.each([
    ["of an older hub, without damping", {}],
    ["with damping", { damping: { passed: true, recent: "1101" } }],
    ["with the failure that damping remembers", { damping: { passed: false, recent: "1", failure: { endedAt: 4, error: { code: "TIMEOUT", message: "no answer" } } } }],
    ["with what a newer hub knows besides", { damping: { passed: true, recent: "", later: 1 }, later: 2 }],
  ])("%s is read as it was written", (_what, state) => expect(again(state).pairs[0]?.state).toEqual({ ...STATE, ...state }));

  it.each([{ passed: 1, recent: "" }, { passed: true }, { passed: true, recent: "12" }, { passed: true, recent: "1".repeat(21) }, { passed: false, recent: "", failure: {} }])("with the damping %j is refused", (damping) => {
    expect(() => again({ damping })).toThrow(WireError);
  });
});
