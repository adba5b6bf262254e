import { type ExpectedSeries, type ExpectedValue, single, table } from "../../kit/series.ts";
import { clusters, type View } from "./view.ts";

const QUICKLY = [0, 1] as const;

function monitors(values: Readonly<Record<string, ExpectedValue>>): ExpectedSeries[] {
  return table(["namespace", "monitor"], ...Object.entries(values).map(([monitor, value]) => ["shop", monitor, value] as const));
}

/** The namespace `shop`: nothing of `search` may be seen, and of `paused` only that it is suspended, with its frozen counts. */
export function teamView(): View {
  const verdicts = { ok: 0, regional: 2, broken: 3, secure: 3, paused: -1 };
  const quickly = monitors({ ok: QUICKLY, regional: QUICKLY, broken: QUICKLY, secure: QUICKLY });
  const days = monitors({ secure: [364.9, 365] });
  return {
    dashboard: "Team",
    variables: { namespace: "shop" },
    panels: {
      "Monitors by verdict": [table(["status"], ["Healthy", 1], ["Degraded", 1], ["Unhealthy", 2], ["Unknown", 0]), single(1)],
      Availability: [single(0.5)],
      // 5 of 10 pairs.
      "Passing over the range": [single(0.5)],
      "Not healthy now": [monitors({ regional: 2, broken: 3, secure: 3 })],
      "Failing by cluster": [clusters({ "eu-1": 2, "us-1": 1, "ap-1": 2 })],
      Monitors: [monitors(verdicts), monitors({ ok: 3, regional: 2, broken: 0, secure: 0, paused: 0 }), monitors({ ok: 3, regional: 3, broken: 3, secure: 1, paused: 1 }), monitors({ ok: 1, regional: 1, broken: 0, secure: 0 }), quickly, days],
      "Verdicts over time": [monitors(verdicts)],
      Slowest: [quickly],
      "Passing least over the range": [monitors({ ok: 1, regional: 2 / 3, broken: 0, secure: 0 })],
      "Certificates that end first": [days],
    },
  };
}
