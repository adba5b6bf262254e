import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { widenThreadPool } from "./thread-pool.ts";

/** Blocks eight threads of the pool for good, and then reads something else. */
const PROGRAM = `
  const { widenThreadPool } = await import(${JSON.stringify(new URL("thread-pool.ts", import.meta.url).href)});
  widenThreadPool(process.env);
  const { openSync } = await import("node:fs");
  const { open } = await import("node:fs/promises");
  const { execFileSync } = await import("node:child_process");
  const { mkdtempSync } = await import("node:fs");
  const dir = mkdtempSync("/tmp/sightline-pool-");
  // Opening a FIFO to read blocks its thread until somebody opens it to write.
  const names = Array.from({ length: 8 }, (_none, n) => dir + "/fifo-" + n);
  execFileSync("mkfifo", names);
  const blocked = names.map((name) => open(name, "r"));
  await (await open(dir, "r")).close();
  console.log("not held up");
  for (const name of names) openSync(name, "w");
  await Promise.all(blocked);
  execFileSync("rm", ["-r", dir]);
  process.exit(0);
`;

describe("the thread pool", () => {
  it("has room for more than 4 lookups that hang", async () => {
    const environment = { ...process.env };
    delete environment["UV_THREADPOOL_SIZE"];
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", PROGRAM], { timeout: 20_000, env: environment });
    expect(stdout).toBe("not held up\n");
  });

  it("keeps the size that somebody chose", () => {
    const environment = { UV_THREADPOOL_SIZE: "7" };
    widenThreadPool(environment);
    expect(environment.UV_THREADPOOL_SIZE).toBe("7");
  });
});
