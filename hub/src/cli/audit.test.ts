import { describe, expect, it } from "vitest";
import { type AuditVerifyRequest, auditCommand, summaryText } from "./audit.ts";
import { commandLine } from "./program.ts";

const KEY = `N${"A".repeat(55)}`;
const OTHER_KEY = `N${"B".repeat(55)}`;
const HASH = "a".repeat(64);

function read(...argv: string[]): AuditVerifyRequest | string {
  let asked: AuditVerifyRequest | undefined;
  let said = "";
  const program = commandLine(auditCommand((request) => (asked = request)));
  const quiet = { writeErr: (text: string) => void (said += text) };
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) command.exitOverride().configureOutput(quiet);
  try {
    program.parse(["audit", "verify", ...argv], { from: "user" });
  } catch {
    return said;
  }
  return asked ?? said;
}

describe("sightline audit verify", () => {
  it("takes files, keys, and a hash", () => {
    expect(read("a", "b")).toEqual({ files: ["a", "b"] });
    expect(read("a", "--hub-key", KEY, "--contains", HASH)).toEqual({ files: ["a"], hubKeys: [KEY], contains: HASH });
    expect(read("--hub-key", KEY, "a", "--hub-key", OTHER_KEY, "b")).toEqual({ files: ["a", "b"], hubKeys: [KEY, OTHER_KEY] });
  });

  it.each([[["a", "--hub-key", "U"], "It must be a hub's public key"], [["a", "--contains", "x"], "It must be a SHA-256"], [[], "missing required argument 'files'"]])("refuses %j", (argv, said) => {
    expect(read(...argv)).toContain(said);
  });

  it("says what holds and what nothing holds", () => {
    const summary = { lines: 3, decisions: 1, from: "a", to: "b", whole: true, first: 1, last: { sequence: 3, hash: HASH }, anchors: 1, unsigned: 0, keys: [KEY] };
    expect(summaryText(summary, true)).toBe(`as it was written: 3 lines, 1 decisions, a to b\nfrom its very first line\nsigned: 1 times by ${KEY}\nlast line: number 3, SHA-256 ${HASH}\n`);
    expect(summaryText({ ...summary, whole: false, first: 7, unsigned: 2 }, false)).toContain(`from number 7 on: older files were not given\nsigned: 1 times by ${KEY}, but for the last 2 lines; hold this key to the hub's own, or give --hub-key\n`);
    expect(summaryText({ ...summary, anchors: 0, keys: [] }, false)).toContain("signed: nowhere. Who can write the file can have written all of it anew\n");
  });
});
