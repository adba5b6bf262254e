import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Prints, as the last thing of a run, each skipped test with what it lacked, each test that passed only when it was tried
 * again (a defect, in the test or in the product, that has still to be found), and the line `N passed, N failed, N skipped`.
 * A file that could not even be loaded counts as one failure: it must not vanish from the sum.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const by = (state: string): TestCase[] => tests.filter((test) => test.result().state === state);
    const skipped = by("skipped");
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandledErrors.length;
    // After the default reporter's own summary, which prints in the same hook.
    process.once("exit", () => {
      for (const test of by("passed").filter((test) => test.diagnostic()?.flaky === true)) reportFlaky(test);
      print(by("passed").length, by("failed").length + broken, skipped);
    });
  }
}

function reportFlaky(test: TestCase): void {
  const [first] = test.result().errors ?? [];
  process.stdout.write(`flaky: ${test.fullName} (${test.module.relativeModuleId}) failed first: ${first?.message ?? "no reason given"}\n`);
}

function print(passed: number, failed: number, skipped: TestCase[]): void {
  for (const test of skipped) {
    const result = test.result();
    const note = result.state === "skipped" && result.note !== undefined ? result.note : "no reason given";
    process.stdout.write(`skipped: ${note} (${test.fullName})\n`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
}

// Vitest loads a reporter by its default export; nothing else here may have one.
// oxlint-disable-next-line import/no-default-export
export default ClosingLine;
