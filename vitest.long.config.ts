import { defineConfig } from "vitest/config";

/** What takes too long to be part of every run: `pnpm verify:long`. */
export default defineConfig({
  test: {
    reporters: ["default", "./e2e/runner/closing-line.ts"],
    include: ["e2e/long/**/*.test.ts"],
    globalSetup: ["e2e/sandbox/vitest-long-setup.ts"],
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
