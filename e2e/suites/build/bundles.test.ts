import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUNDLES, type BundleName, buildBundle, bundlePath } from "../../build/bundle.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage } from "../../kit/sandbox.ts";
import { answers } from "../../kit/target.ts";
import { needsServers } from "../../sandbox/test-needs.ts";

/** What images ship: one file each, run where no package is installed. */
describe("the bundles", () => {
  let folder: string;
  const copyOf = (name: BundleName): string => join(folder, `${name}.mjs`);
  needsServers();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sightline-bundles-"));
    for (const name of BUNDLES) {
      await buildBundle(name);
      await copyFile(bundlePath(name), copyOf(name));
    }
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  it("of hub and agent do the main job, with nothing beside them", async () => {
    await using stage = await openStage("eu-1:eu-west-1:production", { programs: { hub: copyOf("hub"), agent: copyOf("agent") } });
    const { target } = stage;
    target.behave("/ok", answers(200));
    await stage.api.apply(monitor("shop", { url: target.url("/ok") }));
    const status = await stage.api.untilVerdict("default/shop", "Healthy");
    expect(status.healthy).toBe("1/1");
    expect(target.seen("/ok")[0]?.headers["user-agent"]).toMatch(/^sightline-agent\/\d/);
  });
});
