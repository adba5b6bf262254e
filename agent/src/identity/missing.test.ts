import { describe, expect, it } from "vitest";
import { missingFor, type MissingView } from "./missing.ts";

const works: MissingView = { cluster: "eu-1", holds: { resting: true, working: true }, state: "working", shutOut: undefined, cutOff: false, problem: undefined, storeProblem: undefined, noToken: undefined };
const fresh: Partial<MissingView> = { holds: { resting: false, working: false }, state: undefined };

describe("what an agent lacks to work", () => {
  it.each<[string, Partial<MissingView>]>([
    ["nothing, with working credentials", {}],
    ["nothing, before it asked, with credentials from its store", { state: undefined }],
    ["nothing, without a token, once it has enrolled", { noToken: "there is no join token" }],
    ["nothing, because a question got no answer: its connection stands, or NATS is away", { problem: "the hub did not answer renew.eu-1" }],
  ])("is %s", (_name, change) => {
    expect(missingFor({ ...works, ...change })).toBeUndefined();
  });

  it.each<[string, Partial<MissingView>, string, string]>([
    ["a token", { ...fresh, noToken: "there is no join token in /token" }, "NOT_ENROLLED", "there is no join token in /token; a join token is made by: sightline join-command eu-1"],
    ["an answer, by which it is enrolled", { ...fresh, problem: "Authorization Violation" }, "NOT_ENROLLED", "cannot work: Authorization Violation"],
    ["its identity", { ...fresh, storeProblem: "Secret a/b cannot be read" }, "NOT_ENROLLED", "Secret a/b cannot be read"],
    ["acceptance", { holds: { resting: true, working: false }, state: "waiting", problem: "it is not accepted" }, "NOT_ACCEPTED", "it is not accepted"],
    ["acceptance, taken back while it worked", { state: "waiting", shutOut: "it is not accepted", problem: "it is not accepted" }, "NOT_ACCEPTED", "it is not accepted"],
    ["acceptance, as it knows from before it was started again", { state: undefined, shutOut: "it is not accepted" }, "NOT_ACCEPTED", "it is not accepted"],
    ["the hub's consent", { state: "refused", problem: "UA is not the key of eu-1's agent" }, "NOT_ENROLLED", "UA is not the key of eu-1's agent"],
    ["credentials that NATS takes, though the hub's last answer was that it works", { cutOff: true, problem: "Authorization Violation" }, "NOT_ACCEPTED", "Authorization Violation"],
  ])("is %s", (_name, change, code, sentence) => {
    expect(missingFor({ ...works, ...change })).toMatchObject({ code, message: expect.stringContaining(sentence) as unknown });
  });
});
