import { expect, it } from "vitest";
import type { WebhookConfig } from "../admission/flags.ts";
import { unreviewedWarning } from "./unreviewed.ts";

const webhook: WebhookConfig = { listen: { host: "127.0.0.1", port: 9443 }, address: { url: "https://127.0.0.1:9443" }, clientCaFile: undefined, clientNames: [] };

it.each([
  ["that reviews", { webhook, placeUnreviewed: false }, undefined],
  ["without a webhook", { webhook: undefined, placeUnreviewed: false }, /^without --webhook-listen .* nothing new of it is placed$/],
  ["that places what nobody reviewed", { webhook: undefined, placeUnreviewed: true }, /^by --place-unreviewed .* nobody's rights are looked at$/],
])("a hub %s says what follows from it", (_what, config, sentence) => {
  const said = unreviewedWarning(config);
  if (sentence === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(sentence);
});
