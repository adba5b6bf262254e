import { describe, expect, it } from "vitest";
import { scrape, select, sum } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { activeHub } from "../../kit/sandbox.ts";
import { answers } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { events, followHeads, NAMES, otherHub, transitions, twoHubs, untilRefreshed, untilStandby } from "./support.ts";

/** A status that is wrong may be seen for so long at most (docs/operate/README.md). Milliseconds. */
const STALE_LIMIT_MS = 1000;

describe("an active hub that stood still past its lease", () => {
  const { stage, target } = twoHubs();

  it("writes no assignment when it goes on, takes no status back, and stands by again", async () => {
    const old = await activeHub(stage());
    const heir = otherHub(stage(), old.name);
    await untilStandby(heir);
    await using log = await followHeads(stage().sandbox);
    const oldEpoch = Math.max(...log.heads.map(({ epoch }) => epoch));
    await stage().sandbox.kill(old.name, "SIGSTOP");
    await activeHub(stage(), old.name);
    await changeMuch();
    const known = await waitUntil({ what: "the new epoch in every head", timeoutMs: 60_000 }, () => (lastEpochs().every((epoch) => epoch > oldEpoch) ? log.heads.length : undefined));
    const before = { transitions: await transitions(stage()), events: await events(stage()) };

    const watch = watchStatuses();
    await stage().sandbox.kill(old.name, "SIGCONT");
    await untilStandby(old);
    await untilRefreshed(stage(), Date.now());
    const stale = await watch.end();

    console.log(`after it went on: ${stale.looks} looks at the statuses, ${stale.count} of them at a stale one, the longest for ${stale.longestMs} ms`);
    expect(stale.longestMs).toBeLessThan(STALE_LIMIT_MS);
    expect(await transitions(stage())).toEqual(before.transitions);
    expect(await events(stage())).toEqual(before.events);
    expect(log.heads.slice(known).filter(({ epoch }) => epoch <= oldEpoch)).toEqual([]);
    for (const cluster of ["eu-1", "us-1", "ap-1"]) {
      const epochs = log.heads.filter((head) => head.cluster === cluster).map(({ epoch }) => epoch);
      expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
    }
    const [waiting, leading] = await Promise.all([scrape(old.metrics), scrape(heir.metrics)]);
    expect(sum(waiting, "controller_leader_election_status")).toBe(0);
    expect(select(waiting, "httpmonitor_status")).toEqual([]);
    expect(sum(leading, "controller_leader_election_status")).toBe(3);

    function lastEpochs(): number[] {
      return [...new Map(log.heads.map(({ cluster, epoch }) => [cluster, epoch])).values()];
    }
  });

  /** Verdicts turn, a monitor comes, one goes, one is moved away: all that an old picture would undo. */
  async function changeMuch(): Promise<void> {
    const { api } = stage();
    target().behave("/m-0", answers(500));
    target().behave("/m-9", answers(200));
    target().behave("/late", answers(200));
    await api.apply(monitor("late", { url: target().url("/late") }));
    await api.patchMonitor("default/m-1", { metadata: { annotations: { "monitoring.example.com/clusters": "eu-1,us-1,ap-1" } } });
    await api.untilVerdict("default/m-0", "Unhealthy");
    await api.untilVerdict("default/m-9", "Healthy");
    await api.untilVerdict("default/late", "Healthy");
    await untilRefreshed(stage(), Date.now());
  }

  /** Looks at all statuses again and again; stale is one that shows again what the change had ended. */
  function watchStatuses(): { end(): Promise<{ looks: number; count: number; longestMs: number }> } {
    const seen = { looks: 0, count: 0, longestMs: 0 };
    const staleSince = new Map<string, number>();
    let ended = false;
    const look = async (): Promise<void> => {
      const monitors = await stage().api.monitors("default");
      const now = performance.now();
      seen.looks += 1;
      for (const { metadata, status } of monitors) {
        const right = status?.status === (metadata.name === "m-0" ? "Unhealthy" : "Healthy");
        if (right || ![...NAMES, "late"].includes(metadata.name)) {
          staleSince.delete(metadata.name);
          continue;
        }
        seen.count += 1;
        const since = staleSince.get(metadata.name) ?? now;
        staleSince.set(metadata.name, since);
        seen.longestMs = Math.max(seen.longestMs, Math.round(now - since));
      }
    };
    const running = waitUntil({ what: "the end of the watch", timeoutMs: 110_000 }, async () => {
      await look();
      return ended;
    });
    return {
      end: async () => {
        ended = true;
        await running;
        return seen;
      },
    };
  }
});
