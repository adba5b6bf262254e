import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUNDLES, type BundleName, buildBundle, bundlePath } from "../../build/bundle.ts";
import { monitor } from "../../kit/monitor.ts";
import { runSightline } from "../../kit/sightline.ts";
import { answers } from "../../kit/target.ts";
import { needsCollector } from "../../sandbox/test-needs.ts";
import { openTracedStage } from "../traces/support.ts";

/** What images ship: one file each, run where no package is installed. */
describe("the bundles", () => {
  let folder: string;
  const copyOf = (name: BundleName): string => join(folder, `${name}.mjs`);
  needsCollector();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sightline-bundles-"));
    for (const name of BUNDLES) {
      await buildBundle(name);
      await copyFile(bundlePath(name), copyOf(name));
    }
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  it("of hub and agent do the main job, and that of the command line looks at it, with nothing beside them", async () => {
    await using stage = await openTracedStage("eu-1:eu-west-1:production", { programs: { hub: copyOf("hub"), agent: copyOf("agent") } });
    const { target } = stage;
    target.behave("/ok", answers(200));
    await stage.api.apply(monitor("shop", { url: target.url("/ok") }));
    const status = await stage.api.untilVerdict("default/shop", "Healthy");
    expect(status.healthy).toBe("1/1");
    expect(target.seen("/ok")[0]?.headers["user-agent"]).toMatch(/^sightline-agent\/\d/);
    expect((await runSightline(copyOf("sightline"), stage, ["explain", "default/shop"])).output).toMatch(/runs in +1 of 1 clusters/);
    expect((await runSightline(copyOf("sightline"), stage, ["doctor"])).output).toMatch(/^ {2}ok +kubernetes\.definitions /m);
    // OpenTelemetry is inside, also for gRPC, which the agent speaks here.
    await stage.untilTraced("spans of both programs", (spans) => new Set(spans.map(({ resource }) => resource["service.name"])).size === 2);
  });
});
