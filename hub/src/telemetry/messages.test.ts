import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MESSAGES } from "./messages.ts";

const SOURCES = new URL("../", import.meta.url);

/** What a person may have in an alert or a saved search. */
const PROMISED = [
  "HTTPMonitor resource not found, assuming it was deleted",
  "Security validation failed",
  "Failed to select target clusters",
  "HTTP check failed",
  "Failed to update status",
  "Failed to create results ConfigMap",
  "HTTPMonitor reconciliation completed",
  "Cleaning up HTTPMonitor resources",
  "Failed to delete results ConfigMap",
  "Failed to cleanup cluster resources",
  "HTTPMonitor cleanup completed",
];

/** Nothing is validated for a namespace's rights yet. */
const NOT_YET: readonly string[] = ["securityFailed"];

const sources = globSync("**/*.ts", { cwd: SOURCES })
  .filter((name) => !/\.test\.ts$|messages\.ts$/.test(name))
  .map((name) => readFileSync(new URL(name, SOURCES), "utf8"));

describe("the messages of the reconcile path", () => {
  it("are the promised ones", () => {
    expect(Object.values(MESSAGES)).toEqual(PROMISED);
  });

  // That each is logged when it should be is for the tests of who logs it; a message that nobody logs would have none.
  it.each(Object.keys(MESSAGES).filter((name) => !NOT_YET.includes(name)))("%s is given to a logger", (name) => {
    const call = new RegExp(String.raw`\b(?:log|logger)(?:\.\w+|\[[^\]]+\])\(MESSAGES\.${name}\b`);
    expect(sources.some((text) => call.test(text))).toBe(true);
  });

  it.each(Object.values(MESSAGES))("'%s' is spelled in one place only", (message) => {
    expect(sources.filter((text) => text.includes(message))).toEqual([]);
  });
});
