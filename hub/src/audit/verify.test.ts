import { newSigningKey } from "@sightline/shared/identity";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anchorLine } from "./anchor.ts";
import { beginLine } from "./begin.ts";
import { extend, GENESIS, hashOf, type LineBody, parseLine, type Tail } from "./chain.ts";
import { decisionLine } from "./decision.ts";
import { verify } from "./verify.ts";

const { key: KEY } = newSigningKey("hub");
const EPOCH = "1970-01-01T00:00:00.000Z";
const { key: OTHER } = newSigningKey("hub");

const decision = (name: string): LineBody => decisionLine({ operation: "create", user: { name, uid: "", groups: [] }, resource: { kind: "HTTPMonitor", name }, outcome: "Forbidden" }, 0);
const begin = (reason: "genesis" | "start" = "genesis"): LineBody => beginLine({ reason, identity: "hub-0", version: "1" }, 0);

const isKey = (body: LineBody | typeof KEY): body is typeof KEY => typeof body["sign"] === "function";

/** Lines of a chain; a key stands for an anchor by it. */
function chain(bodies: readonly (LineBody | typeof KEY)[], from: Tail = GENESIS): { lines: string[]; tail: Tail } {
  let tail = from;
  const lines = bodies.map((body) => {
    const made = extend(tail, isKey(body) ? anchorLine(body, tail, 0) : body);
    ({ tail } = made);
    return made.line.toString();
  });
  return { lines, tail };
}

const file = (lines: readonly string[], name = "audit.log"): { name: string; read: () => Buffer } => ({ name, read: () => Buffer.from(lines.map((line) => `${line}\n`).join("")) });
const eight = chain([begin(), ...["a", "b", "c"].map(decision), KEY, ...["d", "e"].map(decision), KEY]);
const only = [KEY.publicKey];

describe("the verification of an audit log", () => {
  it("finds one in order over its files, in whichever order they are named", () => {
    const second = chain([begin("start"), decision("f")], eight.tail);
    expect(verify([file(second.lines, "2"), file(eight.lines, "1")], { hubKeys: only })).toEqual({ summary: { lines: 10, decisions: 6, from: EPOCH, to: EPOCH, whole: true, first: 1, last: second.tail, anchors: 2, unsigned: 2, keys: only } });
    expect(verify([file(second.lines)])).toMatchObject({ summary: { whole: false, first: 9 } });
  });

  const put = (index: number, line: string): string[] => eight.lines.with(index, line);
  const swapped = [...eight.lines.slice(0, 2), String(eight.lines[3]), String(eight.lines[2]), ...eight.lines.slice(4)];
  const rewritten = chain([begin(), decision("x"), ...["b", "c"].map(decision)]).lines;

  it.each<[string, readonly string[], string, string]>([
    ["a changed line", put(2, String(eight.lines[2]).replace("Forbidden", "Success")), "changed", "audit.log, line 3: changed after it was written: the line that follows holds another hash"],
    ["a changed link", put(2, String(eight.lines[2]).replace(/"previous":"./, '"previous":"x')), "changed", "audit.log, line 3: is no line of an audit log"],
    ["a link to elsewhere", put(2, String(eight.lines[2]).replace(/"previous":"\w{4}/, '"previous":"0000')), "changed", "audit.log, line 3: changed after it was written: the line after holds another hash"],
    ["a changed first line", put(0, String(eight.lines[0]).replace("hub-0", "hub-1")), "changed", "audit.log, line 1: changed after it was written: the line that follows holds another hash"],
    ["what is no line", put(3, "…"), "changed", "audit.log, line 4: is no line of an audit log"],
    ["a missing line", eight.lines.toSpliced(2, 1), "missing", "audit.log, line 3: number 4 follows number 2: a line is missing"],
    ["missing lines", eight.lines.toSpliced(2, 3), "missing", "audit.log, line 3: number 6 follows number 2: 3 lines are missing"],
    ["a missing start", eight.lines.slice(2), "missing", 'audit.log, line 1: a file of the log begins with a line "audit":"begin": the lines before number 3 are missing'],
    ["lines in another order", swapped, "reordered", "audit.log, line 3: number 4 follows number 2: number 3 stands at audit.log, line 4"],
    ["a line twice", eight.lines.toSpliced(2, 0, String(eight.lines[1])), "reordered", "audit.log, line 3: number 2 follows number 2: lines were moved, or written twice"],
    ["lines of another log", [...eight.lines.slice(0, 3), ...rewritten.slice(3)], "changed", "audit.log, line 3: changed after it was written: the line that follows holds another hash"],
    ["nothing", [], "empty", "there is no line in it"],
  ])("finds %s", (_what, lines, what, sentence) => {
    expect(verify([file(lines)])).toEqual({ fault: { what, sentence } });
  });

  it("finds a torn end", () => {
    const torn = `${eight.lines.join("\n")}\n{"audit":"decision","ti`;
    const sentence = "audit.log, line 9: has no end: a crash, a copy made too early, or lines cut off";
    expect(verify([{ name: "audit.log", read: () => Buffer.from(torn) }])).toEqual({ fault: { what: "torn", sentence } });
  });

  it("finds that a file between two others is missing", () => {
    const second = chain([begin("start"), decision("f")], eight.tail);
    const third = chain([begin("start")], second.tail);
    expect(verify([file(eight.lines, "1"), file(third.lines, "3")])).toEqual({ fault: { what: "missing", sentence: "3, line 1: number 11 follows number 8: 2 lines are missing" } });
  });

  it("finds a log that was written anew by somebody without the hub's key", () => {
    const by = (key: typeof KEY): readonly string[] => chain([begin(), decision("forged"), key]).lines;
    expect(verify([file(by(OTHER))], { hubKeys: only })).toMatchObject({ fault: { what: "signature", sentence: `audit.log, line 3: signed by ${OTHER.publicKey}, which is none of the hub's keys given` } });
    const { sequence: _sequence, previous: _previous, ...copied } = parseLine(Buffer.from(String(eight.lines[4]))) ?? begin();
    const anchor = chain([begin(), decision("x"), decision("y"), decision("z"), copied]).lines;
    expect(verify([file(anchor)], { hubKeys: only })).toMatchObject({ fault: { what: "signature", sentence: "audit.log, line 5: its signature is not that of the key it names" } });
    expect(verify([file(rewritten)], { hubKeys: only })).toMatchObject({ fault: { what: "unsigned", sentence: `no line is signed by ${KEY.publicKey}` } });
    const long = chain([begin(), KEY, ...Array.from({ length: 2001 }, () => decision("x"))]).lines;
    expect(verify([file(long)], { hubKeys: only })).toMatchObject({ fault: { what: "unsigned", sentence: "the last 2001 lines, to audit.log, line 2003, are not signed" } });
  });

  it("finds by a hash kept elsewhere that lines were cut off", () => {
    const kept = hashOf(Buffer.from(String(eight.lines[6])));
    expect(verify([file(eight.lines)], { contains: kept })).toHaveProperty("summary");
    expect(verify([file(eight.lines.slice(0, 5))], { contains: kept })).toMatchObject({ fault: { what: "missing" } });
  });

  it("finds any one byte that was changed", () => {
    const bytes = Buffer.from(eight.lines.map((line) => `${line}\n`).join(""));
    const inLast = bytes.length - String(eight.lines.at(-1)).length - 1;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ by;
        const found = verify([{ name: "f", read: () => changed }], { hubKeys: only });
        // In the last line only the signature, the number and the link are held by something.
        if (at < inLast) expect(found).toHaveProperty("fault");
      }),
      { numRuns: 500 },
    );
  });

  it("reads whatever it is given without failing", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...eight.lines, "null", "[]", "{}", '{"__proto__":{"audit":"begin"}}', '{"audit":"anchor","time":"","sequence":1,"previous":"'.concat("0".repeat(64), '","key":[],"signature":{}}')), fc.string(), fc.json())), (lines) => {
        expect(["fault", "summary"]).toContain(Object.keys(verify([file(lines)], { hubKeys: only }))[0]);
      }),
    );
  });
});
