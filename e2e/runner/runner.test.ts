import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const FIXTURE = `import { it, expect } from "vitest";
it("passes", () => expect(1).toBe(1));
it("fails", () => expect(1).toBe(2));
it("lacks something", ({ skip }) => skip("needs a server"));
let tries = 0;
it("wavers", { retry: 1 }, () => expect(++tries).toBe(2));
`;

function run(args: string[], env: NodeJS.ProcessEnv = {}): { status: number | null; lines: string[]; errors: string } {
  const done = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", env: { ...process.env, ...env } });
  return { status: done.status, lines: done.stdout.trimEnd().split("\n"), errors: done.stderr };
}

/** Arguments that make this Node say that it is another version. */
function asNode(version: string): string[] {
  return ["--import", `data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"${version}"}})`, "e2e/runner/preflight.mjs"];
}

describe("the test runner's report", () => {
  it("ends with what wavered, what was skipped and why, and with the one line that counts", () => {
    const folder = mkdtempSync(join(ROOT, "e2e", "runner", "fixture-"));
    try {
      writeFileSync(join(folder, "some.test.ts"), FIXTURE);
      writeFileSync(join(folder, "vitest.config.mjs"), 'export default { test: { reporters: ["default", "../closing-line.ts"] } };\n');
      const { status, lines } = run([join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--root", folder]);
      expect(lines.slice(-3)).toEqual([
        "flaky: wavers (some.test.ts) failed first: expected 1 to be 2 // Object.is equality",
        "skipped: needs a server (lacks something)",
        "2 passed, 1 failed, 1 skipped",
      ]);
      expect(status).toBe(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("a script run by an old Node", () => {
  it("says in one sentence what to run", () => {
    const { status, errors } = run(asNode("20.20.2"), { npm_lifecycle_event: "pretest" });
    expect(status).toBe(1);
    expect(errors.trim().split("\n")).toEqual([
      "Sightline brings its own Node, but its packages are not installed here: run `npx pnpm@12 test`, which installs them and then does this.",
    ]);
  });

  it("goes on with a Node that can run it", () => expect(run(asNode("24.0.0")).status).toBe(0));
});
