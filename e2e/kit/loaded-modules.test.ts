import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);

async function loaded(url: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, "loaded-modules.ts"), url]);
  return JSON.parse(stdout);
}

describe("OpenTelemetry's SDK", () => {
  it("is not loaded by hub or agent while there is nowhere to send traces to", async () => {
    expect(await loaded("")).toEqual({ asked: 0, off: true });
  });

  it("is loaded when there is", async () => {
    const found = await loaded("http://127.0.0.1:9/v1/traces");
    expect(found).toHaveProperty("off", false);
    expect(found).not.toHaveProperty("asked", 0);
  });
});
