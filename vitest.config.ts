import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    reporters: ["default", "./e2e/runner/closing-line.ts"],
    projects: [
      {
        test: {
          name: "unit",
          // Before the others: projects of as many workers as they like cannot share them.
          sequence: { groupOrder: 0 },
          // By default one core would be left idle: half of them, where there are two.
          maxWorkers: "100%",
          // Only a bound for what hangs: a slow machine is no failure.
          testTimeout: 60_000,
          include: ["shared/**/*.test.ts", "hub/**/*.test.ts", "agent/**/*.test.ts", "e2e/{kit,sandbox,runner,docs,build,demo,bench}/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "integration",
          sequence: { groupOrder: 1 },
          include: ["e2e/suites/**/*.test.ts"],
          globalSetup: ["e2e/sandbox/vitest-setup.ts"],
          // Every suite owns processes and ports of its own, and waits about as much as it computes: three at a time fill two cores.
          maxWorkers: 3,
          // On a machine that does other work too, one in thousands wavers. It is tried once more, and named at the end of the run.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
