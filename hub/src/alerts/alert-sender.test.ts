import { ManualClock } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { AlertSender } from "./alert-sender.ts";
import { AlertError } from "./alertmanager.ts";
import type { Leak } from "./leak-alerts.ts";

const A: Leak = { leak: "secret", name: "a" };
const B: Leak = { leak: "secret", name: "b" };

let clock: ManualClock;
let logger: RecordingLogger;
let sender: AlertSender;
/** What each Alertmanager was told, as `host: summary`. */
let told: string[];
/** What `away` does with a post. */
let away: () => Promise<void>;

beforeEach(() => {
  [clock, logger, told] = [new ManualClock(), new RecordingLogger(), []];
  away = () => Promise.reject(new AlertError("ALERTMANAGER_UNAVAILABLE", "no answer"));
  sender = new AlertSender({
    urls: ["away", "there"],
    post: (url, alerts) => {
      told.push(`${url}: ${alerts.map(({ annotations, resolved }) => `${annotations["summary"]}${resolved ? ", resolved" : ""}`).join()}`);
      return url === "away" ? away() : Promise.resolve();
    },
    intervalMs: 1000,
    clock,
    logger,
  });
});

describe("the sender of alerts", () => {
  it("tells every Alertmanager, and nobody while there is nothing to tell", async () => {
    sender.tell([]);
    expect(told).toEqual([]);
    sender.tell([A]);
    await clock.advance(1000);
    sender.tell([]);
    await clock.advance(0);
    expect(told.filter((line) => line.startsWith("there"))).toEqual(["there: Found 1 orphaned secrets", "there: Found 1 orphaned secrets, resolved"]);
  });

  it("tells again at the next look whoever was away, and says so", async () => {
    sender.tell([A]);
    await clock.advance(1000);
    away = () => Promise.resolve();
    sender.tell([A, B]);
    await clock.advance(0);
    expect(told.filter((line) => line.startsWith("away"))).toEqual(["away: Found 1 orphaned secrets", "away: Found 2 orphaned secrets"]);
    expect(logger.lines).toMatchObject([{ level: "warn", fields: { error_type: "ALERTMANAGER_UNAVAILABLE" } }]);
  });

  it("does not wait for one that does not answer, and never tells it twice at once", async () => {
    const answer = Promise.withResolvers<void>();
    away = () => answer.promise;
    for (const leaks of [[A], [A, B]]) {
      sender.tell(leaks);
      await clock.advance(1000);
    }
    expect(told).toEqual(["away: Found 1 orphaned secrets", "there: Found 1 orphaned secrets", "there: Found 2 orphaned secrets"]);
    answer.resolve();
    await sender.stop();
  });
});
