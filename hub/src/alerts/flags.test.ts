import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addAlertFlags, type AlertConfig, type AlertFlags, readAlerts } from "./flags.ts";

function fail(sentence: string): never {
  throw new Error(sentence);
}

/** What the flags say; a refusal is thrown. */
function read(...argv: string[]): AlertConfig {
  const command = addAlertFlags(new Command().exitOverride().configureOutput({ writeErr: () => undefined }));
  return readAlerts(command.parse(argv, { from: "user" }).opts<AlertFlags>(), fail);
}

describe("the flags of alerts", () => {
  it("name no Alertmanager by default", () => {
    expect(read()).toEqual({ urls: [], tokenFile: undefined, ca: undefined, runbookUrl: undefined });
  });

  it("name several, each with a slash at its end", () => {
    expect(read("--alertmanager-url", "https://a:9093, http://b/am", "--alertmanager-url", "https://c/").urls).toEqual(["https://a:9093/", "http://b/am/", "https://c/"]);
  });

  it.each(["alertmanager:9093", "ftp://a", "https://user:secret@a", "https://:secret@a", "https://a?x=y"])("refuse %s", (url) => {
    expect(() => read("--alertmanager-url", url)).toThrow("It must be URLs such as");
  });

  it("name where the runbooks are, with a slash at its end", () => {
    expect(read("--runbook-url", "https://wiki.example.com/sightline").runbookUrl).toBe("https://wiki.example.com/sightline/");
    expect(() => read("--runbook-url", "docs/operate")).toThrow("It must be a URL such as");
  });

  it("send no token in clear", () => {
    expect(() => read("--alertmanager-url", "https://a,http://b", "--alertmanager-token-file", "/token")).toThrow("needs https:// URLs");
    expect(read("--alertmanager-url", "https://a", "--alertmanager-token-file", "/token").tokenFile).toBe("/token");
  });

  it("say which file is missing", () => {
    expect(() => read("--alertmanager-ca", "/missing.pem")).toThrow(/--alertmanager-ca cannot be read: ENOENT.*missing\.pem/);
  });
});
