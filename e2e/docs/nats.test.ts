import { agentPermissions, joinPermissions, restingPermissions } from "@sightline/shared/wire";
import { expect, it } from "vitest";
import { read } from "./source.ts";

const KINDS = { join: joinPermissions, resting: restingPermissions, working: agentPermissions };

/** The subject in each row of a kind of credentials, of the rows that have so many cells. */
function subjects(kind: string, cells: number): string[] {
  const rows = read("docs/understand/nats.md").split("\n").map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  return rows.filter((row) => row.length === cells && row[0] === kind).map((row) => /`([^`]+)`/.exec(row[cells === 2 ? 1 : 2] ?? "")?.[1] ?? "");
}

it.each(Object.entries(KINDS))("docs/understand/nats.md lists all that %s credentials allow, and nothing more", (kind, permissions) => {
  const { publish, subscribe } = permissions("eu-1");
  expect(subjects(kind, 4).toSorted()).toEqual(publish.toSorted());
  expect(subjects(kind, 2)).toEqual(subscribe);
});
