import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { nodeCheck, OLDEST_NODE } from "./node-check.ts";

/** What a bundle's first statement does where Node has this version. */
function startOn(node: string): { said: string[]; status: number | undefined } {
  const said: string[] = [];
  let status: number | undefined;
  const process = { versions: { node }, exit: (code: number) => (status = code) };
  runInNewContext(nodeCheck("sightline"), { process, console: { error: (line: string) => said.push(line) } });
  return { said, status };
}

describe("a bundle", () => {
  it("says which Node it needs, and ends, where it is older", () => {
    expect(startOn("20.20.2")).toEqual({ said: ["sightline needs Node 24 or newer; this is 20.20.2."], status: 1 });
    expect(startOn("9.11.2").status).toBe(1);
  });

  it("goes on where it is not", () => {
    expect(startOn("24.0.0")).toEqual({ said: [], status: undefined });
    expect(startOn("100.1.0").status).toBeUndefined();
  });

  it("needs what the manifest says", () => expect(manifest.engines.node).toBe(`>=${OLDEST_NODE}`));
});
