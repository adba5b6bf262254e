/**
 * How much of something a test does: less in every run, all of it in `pnpm verify:long`, whose output stands in
 * docs/verification. What is proved is the same; only rare cases take the larger number.
 */
export function extent(numbers: { everyRun: number; long: number }): number {
  return process.env["SIGHTLINE_LONG"] === undefined ? numbers.everyRun : numbers.long;
}
