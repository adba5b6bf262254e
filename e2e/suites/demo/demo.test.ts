import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { needsServers } from "../../sandbox/test-needs.ts";

const DEMO = fileURLToPath(new URL("../../demo/main.ts", import.meta.url));

describe("the demo", () => {
  needsServers();

  it("with --once ends well as soon as each sample has shown the status that it should", async () => {
    const { code, output } = await run(["--once"]);
    expect(output).toContain("Each sample has shown the status that it should.");
    expect(code).toBe(0);
  });
});

function run(args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [DEMO, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("error", reject).once("close", (code) => resolve({ code, output }));
  });
}
