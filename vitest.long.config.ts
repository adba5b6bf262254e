import { defineConfig } from "vitest/config";

/** What takes too long to be part of every run: `pnpm verify:long`. */
export default defineConfig({
  test: {
    reporters: ["default", "./e2e/runner/closing-line.ts"],
    // The suites do more of the same here (see e2e/kit/extent.ts).
    env: { SIGHTLINE_LONG: "1" },
    include: ["e2e/long/**/*.test.ts", "e2e/suites/metrics/metrics.test.ts", "e2e/suites/identity/rotation.test.ts"],
    globalSetup: ["e2e/sandbox/vitest-long-setup.ts"],
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
