import { AUTHORIZED_BY_ANNOTATION, type HTTPMonitor } from "@sightline/shared/api";
import { beforeEach, describe, expect, it } from "vitest";
import type { AdmissionRequest } from "../admission/types.ts";
import { type MonitorSketch, policy } from "../testing/objects.ts";
import { judgeRecord } from "./authorship/record.ts";
import { changed, jane, made, patched, ReviewWorld, type Sent, signal } from "./testing.ts";

let world: ReviewWorld;

beforeEach(() => {
  world = new ReviewWorld();
});

const record = (one: HTTPMonitor): string => one.metadata.annotations?.[AUTHORIZED_BY_ANNOTATION] ?? "";
const carrying = (text: string): MonitorSketch => ({ metadata: { annotations: { [AUTHORIZED_BY_ANNOTATION]: text } } });

describe("a forged or copied authorized-by does nothing", () => {
  it("is overwritten in a new monitor, and in one whose spec changes", async () => {
    const janes = record(await world.stored(made()));
    const joe = { user: { ...jane, name: "joe" } };
    const copy = await world.stored(made({ ...carrying(janes), spec: { url: "https://evil.example.org/" } }, joe));
    expect(judgeRecord(copy, [world.key.publicKey])).toMatchObject({ kind: "valid", record: { user: "joe" } });
    const before = await world.stored(made());
    const forged = changed(before, { ...carrying(janes.replace("jane", "root")), spec: { interval: "1m" } }, joe);
    expect(judgeRecord(patched(forged.object, await world.mutate(forged)), [world.key.publicKey])).toMatchObject({ kind: "valid", record: { user: "joe" } });
  });

  it("is refused when it is all that changes", async () => {
    const before = await world.stored(made());
    expect(await world.admit(changed(before, carrying("{}")))).toEqual({ allowed: false, code: 403, reason: expect.stringMatching(/^authorization failed: the annotation .*authorized-by is written by the hub alone/) as unknown });
    expect(world.audit.entries.at(-1)).toMatchObject({ outcome: "Forbidden", rule: "record" });
  });

  it("is made anew, in the name of whoever took it away", async () => {
    const before = await world.stored(made());
    for (const annotations of [{}, { [AUTHORIZED_BY_ANNOTATION]: "" }]) {
      const taken = changed(before, { metadata: { annotations } }, { user: { ...jane, name: "joe" } });
      const verdict = await world.mutate(taken);
      expect(await world.admit(taken)).toEqual({ allowed: true });
      expect(judgeRecord(patched(taken.object, verdict), [world.key.publicKey])).toMatchObject({ kind: "valid", record: { user: "joe" } });
    }
    world.usable = new Set();
    expect((await world.admit(changed(before, { metadata: { annotations: {} } }))).allowed).toBe(false);
  });

  it("does not get through the second webhook: missing, another user's, old, or of another spec", async () => {
    const request = made();
    const object = patched(request.object, await world.mutate(request));
    const validate = async (change: Partial<AdmissionRequest>): Promise<boolean> => (await world.reviewer.validate({ ...request, object, ...change }, signal)).allowed;
    expect(await validate({})).toBe(true);
    expect(await validate({ object: request.object })).toBe(false);
    expect(await validate({ user: { ...jane, name: "joe" } })).toBe(false);
    expect(await validate({ user: { ...jane, uid: "u-2" } })).toBe(false);
    expect(await validate({ user: { ...jane, groups: ["shop", "system:masters"] } })).toBe(false);
    expect(await validate({ user: { ...jane, extra: { scopes: ["all"] } } })).toBe(false);
    expect(await validate({ object: { ...object, spec: { ...object.spec, suspend: true } } })).toBe(false);
    await world.clock.advance(61_000);
    expect(await validate({})).toBe(false);
  });
});

/** One whose name the API server makes of `a`. */
function generated(change: Partial<Sent> = {}): Sent {
  const request = made({ metadata: { name: "" } }, { name: "", ...change });
  const prefix: object = { generateName: "a" };
  return { ...request, object: { ...request.object, metadata: { ...request.object.metadata, ...prefix } } };
}

describe("a record that the hub has just signed", () => {
  it("spares nobody the review: not one who had it signed with more groups than they have", async () => {
    const forged = record(await world.stored(generated({ user: { ...jane, groups: ["system:masters"] } })));
    world.usable = new Set();
    expect(await world.admit(made({ metadata: { name: "a1", ...carrying(forged).metadata } }, { name: "a1" }))).toMatchObject({ allowed: false, code: 403 });
    expect(world.audit.outcomes).toEqual(["Success", "Forbidden"]);
  });

  it("leaves a line for each change, and asks policies each time", async () => {
    const dry = record(await world.stored(generated({ dryRun: true })));
    for (const name of ["a0", "a1"]) expect((await world.admit(made({ metadata: { name, ...carrying(dry).metadata } }, { name }))).allowed).toBe(true);
    world.policies.set(policy("hosts", { allow: { hosts: ["other.example.com"] } }));
    expect((await world.admit(made({ metadata: { name: "a2", ...carrying(dry).metadata } }, { name: "a2" }))).allowed).toBe(false);
    expect(world.audit.entries.map(({ outcome, dryRun, resource }) => [outcome, dryRun, resource.name])).toEqual([["Success", true, "a*"], ["Success", false, "a0"], ["Success", false, "a1"], ["PolicyViolation", false, "a2"]]);
  });

  it("is worth nothing after a dry run, in either webhook and to the controller", async () => {
    const dry = made({}, { dryRun: true });
    const object = patched(dry.object, await world.mutate(dry));
    expect((await world.reviewer.validate({ ...dry, object }, signal)).allowed).toBe(true);
    expect((await world.reviewer.validate({ ...dry, object, dryRun: false }, signal)).allowed).toBe(false);
    expect(judgeRecord(await world.stored(dry), [world.key.publicKey])).toEqual({ kind: "worthless", problem: "its record of who asked for it was made for a dry run" });
  });

  it("is made anew when the first webhook is called again after another one", async () => {
    const before = await world.stored(made());
    const emptied = changed(before, { metadata: { annotations: { [AUTHORIZED_BY_ANNOTATION]: "" } } });
    const again = { ...emptied, object: patched(emptied.object, await world.mutate(emptied)) };
    expect(again.object.metadata.annotations).not.toEqual(emptied.object.metadata.annotations);
    expect(await world.admit(again)).toEqual({ allowed: true });
  });
});
