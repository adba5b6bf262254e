import type { Verdict } from "@sightline/shared/api";
import { type MonitorManifest, monitor } from "../kit/monitor.ts";
import { answers, answersAfter, failsIn, type Target } from "../kit/target.ts";

/** One monitor of the demo, and what it should show. */
export interface Sample {
  manifest: MonitorManifest;
  /** What it shows, as a sentence for the person who watches. */
  story: string;
  /** Every one of these verdicts is shown at some time; `settles` is shown at the end, when it is set. */
  shows: readonly Verdict[];
  settles?: Verdict;
}

export const DEMO_NAMESPACE = "demo";

/** The region in which one sample fails. */
const BROKEN_REGION = "us-east-1";

const FLAP_PERIOD_MS = 5000;
const SLOW_ANSWER_MS = 4000;

/** Gives the target's paths their behaviour, and returns the monitors that look at them. `mendAfterMs`: when the broken one is mended. */
export function makeSamples(target: Target, closedPort: number, mendAfterMs: number): Sample[] {
  const start = Date.now();
  const elapsed = (): number => Date.now() - start;
  target.behave("/shop", answers(200));
  target.behave("/checkout", failsIn(BROKEN_REGION));
  target.behave("/report", answersAfter(SLOW_ANSWER_MS));
  target.behave("/cart", (request, response) => answers(elapsed() % (2 * FLAP_PERIOD_MS) < FLAP_PERIOD_MS ? 200 : 503)(request, response));
  target.behave("/login", (request, response) => answers(elapsed() < mendAfterMs ? 500 : 200)(request, response));
  return [
    sample("shop", target.url("/shop"), "healthy from everywhere", { shows: ["Healthy"], settles: "Healthy" }),
    sample("checkout", target.url("/checkout"), `fails in ${BROKEN_REGION} only`, { shows: ["Degraded"], settles: "Degraded" }),
    sample("search", `http://127.0.0.1:${closedPort}/`, "down: nobody listens", { shows: ["Unhealthy"], settles: "Unhealthy" }),
    sample("report", target.url("/report"), "too slow: answers after its timeout", { shows: ["Unhealthy"], settles: "Unhealthy" }),
    sample("cart", target.url("/cart"), "flaps every 5 s", { shows: ["Healthy", "Unhealthy"] }),
    sample("login", target.url("/login"), "broken, and mended while you watch", { shows: ["Unhealthy", "Healthy"], settles: "Healthy" }),
  ];
}

function sample(name: string, url: string, story: string, expectation: Pick<Sample, "shows" | "settles">): Sample {
  return { manifest: monitor(name, { url }, { namespace: DEMO_NAMESPACE }), story, ...expectation };
}

/** What one sample has shown so far. */
export interface Shown {
  verdicts: ReadonlySet<string>;
  current: string;
}

/** Why a sample has not yet shown what it should, or undefined when it has. */
export function stillMissing(sample: Sample, shown: Shown | undefined): string | undefined {
  const name = sample.manifest.metadata.name;
  const missing = sample.shows.filter((verdict) => !(shown?.verdicts.has(verdict) ?? false));
  if (missing.length > 0) return `${name} has not shown ${missing.join(" and ")} yet; it shows ${shown?.current ?? "nothing"}`;
  if (sample.settles !== undefined && shown?.current !== sample.settles) return `${name} should be ${sample.settles}, and is ${shown?.current ?? "nothing"}`;
  return undefined;
}
