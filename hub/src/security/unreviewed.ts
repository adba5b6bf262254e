import type { HubConfig } from "../config.ts";

/**
 * What it means that a hub reviews nothing; undefined where it does. Said in the log at its start, and by `/readyz` as long
 * as it runs: it is as ready as it can be, and whoever forgot the webhook has to learn it all the same.
 */
export function unreviewedWarning({ webhook, placeUnreviewed }: Pick<HubConfig, "webhook" | "placeUnreviewed">): string | undefined {
  if (webhook !== undefined) return undefined;
  if (placeUnreviewed) return "by --place-unreviewed monitors are placed whoever made them: nobody's rights are looked at";
  return "without --webhook-listen nothing that users change is reviewed, and so nothing new of it is placed";
}
