import { single, table } from "../../kit/series.ts";
import { SLOW_S } from "./scene.ts";
import { ALL, clusters, eachAgent, type StageFacts, type View } from "./view.ts";

/** Seconds of a probe: less than its timeout, and some for a busy machine. */
const SLOWLY = [SLOW_S, 1.5] as const;
const QUICKLY = [0, SLOW_S] as const;
const AVAILABLE = clusters({ "eu-1": 1, "us-1": 1, "ap-1": 1, "dark-1": 0 });
const PROBES = clusters({ "eu-1": 5, "us-1": 4, "ap-1": 4 });
const VERDICTS = table(["status"], ["Healthy", 2], ["Degraded", 1], ["Unhealthy", 2], ["Unknown", 0]);
const WAITING = eachAgent([0, 50]);
const NOT_PROBED = clusters({ "eu-1": 0, "us-1": 0, "ap-1": 0, "dark-1": 0 });
const CLOCK = eachAgent([-0.5, 0.5]);

/** Everything of everybody, `paused` only as suspended. 13 pairs: 3 of `ok`, `regional`, `broken` and `slow` each, 1 of `secure`; 8 of them pass. */
export function fleetView({ version }: StageFacts): View {
  return {
    dashboard: "Fleet",
    variables: { region: ALL, cluster: ALL, namespace: ALL },
    panels: {
      Clusters: [single(3), single(4)],
      "Monitors by verdict": [VERDICTS, single(1)],
      "Passing now": [single(8 / 13)],
      "Probes per second": [single(13)],
      "Availability of clusters": [AVAILABLE],
      "Failing monitors by cluster": [clusters({ "eu-1": 2, "us-1": 1, "ap-1": 2 })],
      "All clusters": [
        AVAILABLE,
        [
          ...clusters({ "eu-1": 1, "us-1": 1 }, { environment: "production", agent_version: version }),
          ...clusters({ "ap-1": 1 }, { environment: "staging", agent_version: version }),
          ...clusters({ "dark-1": 1 }, { environment: "staging" }),
        ],
        eachAgent([-1, 25]),
        clusters({ "eu-1": 5, "us-1": 5, "ap-1": 4, "dark-1": 0 }),
        PROBES,
        WAITING,
        eachAgent(0),
        NOT_PROBED,
        CLOCK,
      ],
      "Probes by cluster": [PROBES],
      "Results waiting in outboxes": [WAITING],
      "Results lost": [eachAgent(0)],
      "Checks not probed": [NOT_PROBED],
      "Clock offset": [CLOCK],
      "Agent versions": [table(["agent_version"], [version, 3])],
      "Verdicts over time": [VERDICTS, single(1)],
      "Changes of verdicts": [table(["status"], ["Healthy", 0], ["Degraded", 0], ["Unhealthy", 0], ["Unknown", 0])],
      "Worst monitors": [table(["namespace", "monitor"], ["shop", "broken", 1], ["shop", "secure", 1], ["shop", "regional", 1 / 3])],
      "Slowest monitors": [table(["namespace", "monitor"], ["search", "slow", SLOWLY], ["shop", "ok", QUICKLY], ["shop", "regional", QUICKLY], ["shop", "broken", QUICKLY], ["shop", "secure", QUICKLY])],
      // 3 of the 13 pairs are slow: the median is a quick one, the upper tenth begins among the slow ones.
      "Probe duration": [single(QUICKLY), single(SLOWLY), single(SLOWLY)],
      // The slow one of 4 or 5: at 0.9 lies a mixture of it and the next, by at least 0.6 of the slow one.
      "Probe duration by cluster": [eachAgent([0.6 * SLOW_S, 1.5])],
    },
  };
}
