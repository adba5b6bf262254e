import { describe, expect, it } from "vitest";

import { waitUntil } from "../../kit/wait.ts";
import { changeOf, clusterNames, natsBench, uidOf } from "./support.ts";

const A = uidOf(1);
const CLUSTERS = clusterNames(50);

/** Fencing: two hubs that both think they are the writer. */
describe("two writers at once", () => {
  const bench = natsBench();

  it.each([1, 2, 3, 4, 5])("end with one of them, and every set is one writer's whole (round %d)", async () => {
    const fenced: string[] = [];
    const observer = await bench.observe();
    const one = await bench.writer({ onFenced: () => fenced.push("one") });
    const two = await bench.writer({ onFenced: () => fenced.push("two") });
    const results = await Promise.allSettled([one.apply(changeOf(A, "http://one/", CLUSTERS)), two.apply(changeOf(A, "http://two/", CLUSTERS))]);
    const winners = results.filter(({ status }) => status === "fulfilled").length;
    expect(winners).toBeGreaterThanOrEqual(1);
    await waitUntil({ what: "one writer to be fenced", timeoutMs: 5000 }, () => fenced.length === 1);
    const [loser, survivor, url] = fenced[0] === "one" ? [one, two, "http://two/next"] : [two, one, "http://one/next"];
    await expect(loser.apply(changeOf(A, "http://zombie/", CLUSTERS))).rejects.toMatchObject({ code: "WRITER_FENCED" });
    await survivor.apply(changeOf(A, url, CLUSTERS));
    await waitUntil({ what: "the survivor's change everywhere", timeoutMs: 5000 }, () => CLUSTERS.every((cluster) => observer.runs(cluster)[A] === url));
    const urls = new Set(observer.accepted.flatMap(({ set }) => [...set.payloads.values()].map((bytes) => /"url":"([^"]+)"/.exec(new TextDecoder().decode(bytes))?.[1])));
    expect(urls).not.toContain("http://zombie/");
  });

  it("where the second comes later, the first is fenced before it writes again", async () => {
    let fenced = false;
    const old = await bench.writer({ onFenced: () => (fenced = true) });
    await old.apply(changeOf(A, "http://old/", CLUSTERS));
    const next = await bench.writer({});
    await waitUntil({ what: "the old writer to be fenced", timeoutMs: 5000 }, () => fenced);
    expect(old.ready).toBe(false);
    await next.apply(changeOf(A, "http://next/", CLUSTERS));
    expect(next.ready).toBe(true);
  });
});
