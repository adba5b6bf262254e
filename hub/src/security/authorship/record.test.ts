import { AUTHORIZED_BY_ANNOTATION, type HTTPMonitor, PLACEMENT_ANNOTATIONS, PROBE_REQUEST_ANNOTATION } from "@sightline/shared/api";
import { newSigningKey } from "@sightline/shared/identity";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monitor, type MonitorSketch, uidOf } from "../../testing/objects.ts";
import type { User } from "../access/authenticate.ts";
import { intentHash, intentOf } from "./intent.ts";
import { CREATION_WINDOW_MS, isRecordable, judgeRecord, makeRecord, MAX_IDENTITY, type RecordSubject } from "./record.ts";

const { key } = newSigningKey("hub");
const { key: other } = newSigningKey("hub");
const keys = [key.publicKey];
const jane: User = { name: "jane", uid: "u-1", groups: ["shop", "system:authenticated"], extra: { scopes: ["a", "b"] } };
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function subjectOf(one: HTTPMonitor, change: Partial<RecordSubject> = {}): RecordSubject {
  return { namespace: one.metadata.namespace ?? "", name: one.metadata.name, namePrefix: "", uid: one.metadata.uid, intent: intentOf(one), ...change };
}

function carrying(one: HTTPMonitor, text: string): HTTPMonitor {
  return { ...one, metadata: { ...one.metadata, annotations: { ...one.metadata.annotations, [AUTHORIZED_BY_ANNOTATION]: text } } };
}

/** The monitor with a record that was made for it. */
function recorded(sketch: MonitorSketch = {}, change: Partial<RecordSubject> = {}, signer = key): HTTPMonitor {
  const one = monitor({ ...sketch, metadata: { creationTimestamp: "2026-01-02T03:04:05Z", ...sketch.metadata } });
  return carrying(one, JSON.stringify(makeRecord(signer, jane, subjectOf(one, change), NOW)));
}

const recordOf = ({ metadata }: HTTPMonitor): string => metadata.annotations?.[AUTHORIZED_BY_ANNOTATION] ?? "";
const kindOf = (one: HTTPMonitor, by = keys): string => judgeRecord(one, by).kind;

describe("the record of who asked for a monitor", () => {
  it("names the author as the API server knows them", () => {
    const judged = judgeRecord(recorded(), keys);
    expect(judged).toMatchObject({ kind: "valid", record: { user: "jane", uid: "u-1", groups: jane.groups, extra: jane.extra, monitorUid: uidOf(1), time: "2026-01-02T03:04:05.678Z" } });
  });

  it("holds under any of the hub's keys, so that a key can be changed", () => expect(kindOf(recorded(), [other.publicKey, key.publicKey])).toBe("valid"));

  it.each<[string, MonitorSketch]>([
    ["another label, another annotation and a request for a probe", { metadata: { labels: { a: "b" }, annotations: { a: "b", [PROBE_REQUEST_ANNOTATION]: "2026-01-02T03:04:05Z" } } }],
    ["every default spelled out", { spec: { method: "GET", interval: "30s", expectedStatus: 200, redirects: { follow: true, max: 10 }, connection: "Fresh", failureThreshold: { failures: 1 }, successThreshold: 1, suspend: false } }],
  ])("holds on with %s", (_what, { metadata = {}, spec = {} }) => {
    const one = recorded();
    const changed = { ...one, metadata: { ...one.metadata, ...metadata, annotations: { ...metadata.annotations, [AUTHORIZED_BY_ANNOTATION]: recordOf(one) } }, spec: { ...one.spec, ...spec } };
    expect(kindOf(changed)).toBe("valid");
  });

  it.each<[string, MonitorSketch["spec"], Record<string, string>]>([
    ["another URL", { url: "https://evil.example.org/" }, {}],
    ["another status that is expected", { expectedStatus: 201 }, {}],
    ["a suspension", { suspend: true }, {}],
    ["another placement", {}, { [PLACEMENT_ANNOTATIONS.clusters]: "eu-1" }],
  ])("is outdated by %s, and still says what was allowed", (_what, spec, annotations) => {
    const one = recorded();
    const changed = carrying({ ...one, metadata: { ...one.metadata, annotations }, spec: { ...one.spec, ...spec } }, recordOf(one));
    expect(judgeRecord(changed, keys)).toMatchObject({ kind: "outdated", record: { intent: { spec: { url: "https://shop.example.com/" }, placement: {} } } });
  });

  it.each<[string, HTTPMonitor, RegExp]>([
    ["missing", monitor(), /has no record/],
    ["empty", carrying(monitor(), ""), /has no record/],
    ["no JSON", carrying(monitor(), "{"), /cannot be read/],
    ["nested too deep", carrying(monitor(), "[".repeat(100_000)), /cannot be read/],
    ["of another version", carrying(monitor(), recordOf(recorded()).replace('"version":1', '"version":2')), /cannot be read/],
    ["signed by another hub", recorded({}, {}, other), /not signed by this hub/],
    ["of another user than it was signed for", carrying(monitor(), recordOf(recorded()).replace('"jane"', '"root"')), /not signed by this hub/],
    ["copied from another monitor", carrying(monitor({ metadata: { name: "back" } }), recordOf(recorded())), /is another monitor's/],
    ["copied from another namespace", carrying(monitor({ metadata: { namespace: "pay" } }), recordOf(recorded())), /is another monitor's/],
    ["that of an earlier monitor of the name", carrying(monitor({ metadata: { uid: uidOf(2) } }), recordOf(recorded())), /an earlier monitor of its name/],
    ["made for a dry run", recorded({}, { dryRun: true }), /was made for a dry run/],
    ["without a UID, and old", recorded({ metadata: { creationTimestamp: "2026-01-02T04:04:05Z" } }, { uid: undefined }), /made at another time/],
    ["without a UID, on an object of unknown age", recorded({ metadata: { creationTimestamp: "" } }, { uid: undefined }), /made at another time/],
  ])("is worth nothing when %s", (_what, one, problem) => {
    const judged = judgeRecord(one, keys);
    expect(judged.kind).toBe("worthless");
    expect(judged.kind === "worthless" ? judged.problem : "").toMatch(problem);
  });

  it("holds without a UID for what is made at its time: by its name, or by the prefix of it", () => {
    expect(kindOf(recorded({}, { uid: undefined }))).toBe("valid");
    expect(kindOf(recorded({}, { uid: undefined, name: "", namePrefix: "fro" }))).toBe("valid");
    expect(kindOf(recorded({}, { uid: undefined, name: "", namePrefix: "bac" }))).toBe("worthless");
    expect(kindOf(recorded({}, { uid: undefined, name: "", namePrefix: "" }))).toBe("worthless");
    const late = new Date(NOW + CREATION_WINDOW_MS + 1000).toISOString();
    expect(kindOf(recorded({ metadata: { creationTimestamp: late } }, { uid: undefined }))).toBe("worthless");
  });

  it("is of bounded length: a very long intent is left out, and a very long identity is not recorded", () => {
    const one = recorded({ spec: { body: "x".repeat(16_384), headers: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`h${index}`, "ä".repeat(400)])) } });
    expect(judgeRecord(one, keys)).toMatchObject({ kind: "valid", record: { user: "jane" } });
    expect(recordOf(one).length).toBeLessThan(2000);
    expect(isRecordable(jane)).toBe(true);
    expect(isRecordable({ ...jane, groups: ["g".repeat(MAX_IDENTITY)] })).toBe(false);
  });

  it("is never valid once anything of it is changed", () => {
    const one = recorded();
    const text = recordOf(one);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(text[at] !== character);
        const forged = text.slice(0, at) + character + text.slice(at + 1);
        // The last letter of the signature has bits that mean nothing.
        return kindOf(carrying(one, forged)) !== "valid" || Buffer.from(signatureOf(forged), "base64").equals(Buffer.from(signatureOf(text), "base64"));
      }),
      { numRuns: 500 },
    );
  });

  it("is never valid for another intent", () => {
    const one = recorded();
    const hash = intentHash(intentOf(one));
    const specs = fc.record({ url: fc.webUrl(), method: fc.constantFrom("GET" as const, "POST" as const), suspend: fc.boolean(), interval: fc.constantFrom("30s", "1m"), headers: fc.dictionary(fc.string(), fc.string()) });
    fc.assert(
      fc.property(specs, (spec) => {
        const changed = { ...one, spec };
        return intentHash(intentOf(changed)) !== hash && kindOf(changed) === "outdated";
      }),
    );
  });
});

function signatureOf(text: string): string {
  return /"signature":"([^"]*)"/.exec(text)?.[1] ?? "";
}
