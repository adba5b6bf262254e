import { readFileSync } from "node:fs";
import { messageOf, SightlineError } from "@sightline/shared";
import { Argument, InvalidArgumentError, Option } from "commander";
import { type Expectations, type Summary, verify } from "../audit/verify.ts";
import type { AddCommand } from "./program.ts";

/** What `sightline audit verify` is asked. */
export interface AuditVerifyRequest extends Expectations {
  files: string[];
}

interface Flags {
  hubKey?: string[];
  contains?: string;
}

/** The command `audit verify`. */
export function auditCommand(run: (request: AuditVerifyRequest) => void): AddCommand {
  return (program) =>
    void program
      .command("audit")
      .description("Looks at an audit log.")
      .command("verify")
      .description("Says whether an audit log is as the hub wrote it, and names the first line that is not.")
      .addArgument(new Argument("<files...>", "its files, in any order: audit.log and those put aside"))
      .addOption(new Option("--hub-key <key>", "the hub's public key (N…), as installation.json has it; again for a former one; without it each signature is held to the key that it names").argParser(hubKey))
      .addOption(new Option("--contains <hash>", "hash of a line that was kept elsewhere, to see that nothing was cut off").argParser(lineHash))
      .action((files: string[], { hubKey: hubKeys, contains }: Flags) => run({ files, ...(hubKeys === undefined ? {} : { hubKeys }), ...(contains === undefined ? {} : { contains }) }));
}

/** Prints what it finds; the exit code is 1 where something is wrong. */
export function runAuditVerify({ files, ...expected }: AuditVerifyRequest): void {
  const found = verify(files.map((name) => ({ name, read: () => contentOf(name) })), expected);
  if ("fault" in found) {
    process.stdout.write(`not as it was written: ${found.fault.what}\n${found.fault.sentence}\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(summaryText(found.summary, expected.hubKeys !== undefined));
}

/** What there is to know of a log in which all is in order. */
export function summaryText(summary: Summary, keysGiven: boolean): string {
  const { lines, decisions, from, to, whole, first, last } = summary;
  return [
    `as it was written: ${lines} lines, ${decisions} decisions, ${from} to ${to}`,
    whole ? "from its very first line" : `from number ${first} on: older files were not given`,
    signaturesText(summary, keysGiven),
    `last line: number ${last.sequence}, SHA-256 ${last.hash}`,
    "",
  ].join("\n");
}

function signaturesText({ anchors, unsigned, keys }: Summary, keysGiven: boolean): string {
  if (anchors === 0) return "signed: nowhere. Who can write the file can have written all of it anew";
  const whose = keysGiven ? "" : "; hold this key to the hub's own, or give --hub-key";
  return `signed: ${anchors} times by ${keys.join(", ")}${unsigned === 0 ? "" : `, but for the last ${unsigned} lines`}${whose}`;
}

function contentOf(name: string): Buffer {
  try {
    return readFileSync(name);
  } catch (cause) {
    throw new SightlineError("AUDIT_LOG_UNREADABLE", `${name} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function hubKey(text: string, before: string[] | undefined): string[] {
  if (!/^N[A-Z2-7]{55}$/.test(text)) throw new InvalidArgumentError("It must be a hub's public key: N and 55 more letters and digits.");
  return [...(before ?? []), text];
}

function lineHash(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError("It must be a SHA-256 in 64 hex digits, as the log line \"The audit log was signed\" has it.");
  return text;
}
