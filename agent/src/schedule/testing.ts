import { ManualClock } from "@sightline/shared/testing";
import { type DueProbe, Scheduler } from "./scheduler.ts";

export interface Item {
  uid: string;
  intervalMs: number;
}

type Started = DueProbe<Item> & { at: number; monotonic: number };

export interface Bench {
  clock: ManualClock;
  scheduler: Scheduler<Item>;
  started: Started[];
  skipped: string[];
  cancelled: string[];
  /** What the started probes of a check stood for. */
  scheduledOf: (uid: string) => number[];
  monotonicStarts: (uid: string) => number[];
}

/** A scheduler on a clock of its own; probes take `probeMs`, and are written down when they start. */
export function bench(options: { maxConcurrency?: number; probeMs?: number; startMs?: number } = {}): Bench {
  const clock = new ManualClock(options.startMs ?? Date.UTC(2026, 0, 1));
  const started: Started[] = [];
  const skipped: string[] = [];
  const cancelled: string[] = [];
  const scheduler = new Scheduler<Item>({
    cluster: "eu-1",
    clock,
    maxConcurrency: options.maxConcurrency ?? 1000,
    skipped: ({ uid }) => skipped.push(uid),
    start: (due) => {
      started.push({ ...due, at: clock.now(), monotonic: clock.monotonic() });
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.schedule(options.probeMs ?? 1, resolve);
      return {
        done: promise,
        cancel: () => {
          cancelled.push(due.item.uid);
          resolve();
        },
      };
    },
  });
  const scheduledOf = (uid: string): number[] => started.filter(({ item }) => item.uid === uid).map(({ scheduledAt }) => scheduledAt);
  const monotonicStarts = (uid: string): number[] => started.filter(({ item }) => item.uid === uid).map(({ monotonic }) => monotonic);
  return { clock, scheduler, started, skipped, cancelled, scheduledOf, monotonicStarts };
}

export function check(uid: string, intervalMs = 30_000): Item {
  return { uid, intervalMs };
}
