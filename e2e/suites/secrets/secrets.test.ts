import type { HTTPMonitorSpec } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { conditionOf } from "../../kit/hub-api.ts";
import { at } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { activeHub } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, redirects } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { needsCollector } from "../../sandbox/test-needs.ts";
import { wordsIn } from "./places.ts";
import { asksFor, echoes, fromSecret, fromVault, openSecretStage, parrots, type SecretStage, VAULT_TOKEN } from "./support.ts";

/** Each of them is a secret that may be found nowhere but where its comment says. */
const CANARY = {
  vault: "kanarienvogel-vault-1111",
  rotated: "kanarienvogel-rotated-2222",
  secret: "kanarienvogel-secret-3333",
  /** No header can be like that. */
  flawed: "kanarienvogel-flawed-4444",
  /** In an answer of Vault that is no JSON. */
  garbled: "kanarienvogel-garbled-5555",
  /** In monitors that the API server refuses. */
  refused: "kanarienvogel-refused-6666",
  token: VAULT_TOKEN,
};

/** Given in clear: these stand in the monitor's spec, and in its assignment. */
const CLEAR = { header: "kanarienvogel-clear-7777", body: "kanarienvogel-body-8888" };

/** A name that stands wherever anything stands about a monitor: whoever looks for canaries there must find it. */
const DECOY = "decoy-monitor";

let stage: SecretStage;
let vaultValue = CANARY.vault;

withStage(
  async () => (stage = await openSecretStage("eu-1:eu-west-1:production")),
  async ({ target }) => {
    stage.vault.put("sightline/default/api", { value: CANARY.vault });
    await stage.putSecret("creds", { value: CANARY.secret });
    target.behave("/vault", asksFor("X-Api-Key", () => vaultValue));
    target.behave("/secret", asksFor("X-Api-Key", () => CANARY.secret));
    await apply("from-vault", "/vault", fromVault("X-Api-Key", "api"));
    await healthy("from-vault");
  },
  needsCollector,
);

async function apply(name: string, path: string, headersFrom: HTTPMonitorSpec["headersFrom"], spec: Partial<HTTPMonitorSpec> = {}): Promise<void> {
  await stage.api.apply(monitor(name, { url: stage.target.url(path), ...(headersFrom === undefined ? {} : { headersFrom }), ...spec }));
}

const healthy = (name: string): Promise<unknown> => stage.api.untilVerdict(`default/${name}`, "Healthy");

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Waits until the condition SecretsResolved says this. */
async function resolvedAs(name: string, status: string, reason: string): Promise<string> {
  const found = await stage.api.untilStatus(`default/${name}`, `${status} by ${reason}`, (said) => {
    const condition = conditionOf(said, "SecretsResolved");
    return condition?.status === status && condition.reason === reason;
  });
  return conditionOf(found, "SecretsResolved")?.message ?? "";
}

/** What `find` finds in each place that has any of it. */
async function wherever(find: (place: string, text: string) => string[]): Promise<Record<string, readonly string[]>> {
  const looks = Object.entries(stage.places).map(async ([place, look]) => [place, [...new Set((await look()).flatMap((text) => find(place, text)))]] as const);
  return Object.fromEntries((await Promise.all(looks)).filter(([, found]) => found.length > 0));
}

/** What stands in NATS for a monitor. */
async function assignmentOf(name: string): Promise<{ text: string; checkHash: unknown }> {
  const text = (await stage.places["assignments"]?.())?.find((message) => message.includes(`"name":"${name}"`)) ?? "";
  const event: unknown = JSON.parse(text.slice(text.indexOf("{")));
  return { text, checkHash: at(event, "data", "checkHash") };
}

describe("headersFrom", () => {
  it("is served by Vault, and by a Secret", async () => {
    await apply("from-secret", "/secret", fromSecret("X-Api-Key", "creds"));
    await Promise.all([healthy("from-vault"), healthy("from-secret")]);
    expect(await resolvedAs("from-vault", "True", "Resolved")).toBe("X-Api-Key from Vault's api");
    expect(await resolvedAs("from-secret", "True", "Resolved")).toBe("X-Api-Key from Secret creds");
  });

  it("is served by the Secret when Vault lacks it", async () => {
    await apply("from-both", "/secret", [{ name: "X-Api-Key", vault: { path: "none", key: "value" }, secretKeyRef: { name: "creds", key: "value" } }]);
    await healthy("from-both");
    expect(await resolvedAs("from-both", "True", "Resolved")).toBe("X-Api-Key from Secret creds");
  });

  it("sends no probe while it is missing, and goes on once it is there", async () => {
    stage.target.behave("/late", answers(200));
    await apply("late", "/late", fromSecret("X-Api-Key", "late"));
    const status = await stage.api.untilStatus("default/late", "failed", ({ errorMessage }) => errorMessage?.includes("secret not found: X-Api-Key") === true);
    expect(conditionOf(status, "SecretsResolved")).toMatchObject({ status: "False", reason: "SecretNotFound", message: "secret not found: X-Api-Key (Secret late does not exist)" });
    expect(conditionOf(status, "Ready")).toMatchObject({ status: "False", reason: "SecretNotFound" });
    expect(stage.target.seen("/late")).toEqual([]);
    await stage.putSecret("late", { value: CANARY.secret });
    await healthy("late");
    expect(stage.target.seen("/late")[0]?.headers["x-api-key"]).toBe(CANARY.secret);
  });

  it("follows its source, as the same check", async () => {
    const before = await assignmentOf("from-vault");
    vaultValue = CANARY.rotated;
    stage.vault.put("sightline/default/api", { value: CANARY.rotated });
    await waitUntil({ what: "a probe with the new value", timeoutMs: 60_000 }, () => stage.target.seen("/vault").some(({ headers }) => headers["x-api-key"] === CANARY.rotated));
    const after = await assignmentOf("from-vault");
    expect(after.checkHash).toBe(before.checkHash);
    expect(after.text).not.toBe(before.text);
    await healthy("from-vault");
  });

  it("is written once: a hub that starts anew finds what is stored right", async () => {
    const before = (await assignmentOf("from-vault")).text;
    await stage.sandbox.kill("hub-0");
    await stage.sandbox.restart("hub-0");
    await activeHub(stage);
    const reads = stage.vault.requests.length;
    await waitUntil({ what: "the new hub to read Vault", timeoutMs: 60_000 }, () => stage.vault.requests.length > reads + 2);
    await resolvedAs("from-vault", "True", "Resolved");
    expect((await assignmentOf("from-vault")).text).toBe(before);
  });

  it("stays in use while Vault is sealed, and holds up no deletion", async () => {
    stage.vault.sealed = true;
    expect(await resolvedAs("from-vault", "Unknown", "SourceUnavailable")).toBe("the last known values are in use. secret not read: X-Api-Key (Vault's api is not known: Vault is sealed)");
    stage.target.forget();
    await waitUntil({ what: "another good probe", timeoutMs: 60_000 }, () => stage.target.seen("/vault").length > 1);
    await healthy("from-vault");
    await apply("in-outage", "/vault", fromVault("X-Api-Key", "other"));
    expect(await resolvedAs("in-outage", "False", "SourceUnavailable")).toContain("Vault is sealed");
    await stage.api.deleteMonitor("default/in-outage");
    await stage.api.untilGone("default/in-outage");
    stage.vault.sealed = false;
    await resolvedAs("from-vault", "True", "Resolved");
  });

  const vault = { path: "api", key: "value" };
  it.each<[string, unknown[], RegExp]>([
    ["names no source", [{ name: "X-Api-Key" }], /say where the value comes from/],
    ["names a header twice", [{ name: "X-Api-Key", vault }, { name: "x-api-key", vault }], /only once/],
    ["names a header that is given in clear too", [{ name: "x-CLEAR", vault }], /either in headers or in headersFrom/],
    ["names a header of ours", [{ name: "traceparent", vault }], /set by the agent/],
    ["names no header", [{ name: "X Key", vault }], /headersFrom\[0\]\.name/],
    ["leads out of its namespace", [{ name: "X-Api-Key", vault: { path: "../payments/api", key: "value" } }], /vault\.path/],
    ["leads out of it in disguise", [{ name: "X-Api-Key", vault: { path: "%2e%2e/payments/api", key: "value" } }], /vault\.path/],
    ["has 17 headers", Array.from({ length: 17 }, (_, number) => ({ name: `X-${number}`, vault })), /at most 16/],
  ])("is refused when it %s", async (_what, headersFrom, sentence) => {
    const manifest = monitor("refused", { url: "http://a.example.com/", headers: { "X-Clear": CANARY.refused } });
    await expect(stage.api.apply({ ...manifest, spec: { ...manifest.spec, headersFrom } })).rejects.toThrow(sentence);
  });
});

/** A monitor for each way in which a probe, and its secrets, may go: all with headers from both sources, and with credentials and a body in clear. */
async function goEveryWay(): Promise<void> {
  const headersFrom = [...(fromVault("X-Api-Key", "api") ?? []), ...(fromSecret("X-Secret", "creds") ?? [])];
  const spec = { method: "POST" as const, headers: { Authorization: `Bearer ${CLEAR.header}` }, body: CLEAR.body };
  const ways = ["good", "away", "parrot", "echo-vault", "echo-secret", "echo-clear", "loop"];
  for (const name of ways) await apply(name, `/${name}`, headersFrom, spec);
  await apply(DECOY, "/failing", headersFrom, spec);
  await apply("slow", "/slow", headersFrom, { ...spec, timeout: "200ms" });
  await stage.api.apply(monitor("refusing", { ...spec, headersFrom, url: "http://127.0.0.1:1/" }), monitor("no-tls", { ...spec, headersFrom, url: stage.target.url("/good").replace("http:", "https:") }));
  await stage.putSecret("flawed", { value: `${CANARY.flawed}\nX-Other: 1` });
  await apply("flawed", "/good", fromSecret("X-Api-Key", "flawed"), spec);
  stage.vault.put("sightline/default/flawed", { value: { inner: CANARY.flawed } });
  await apply("flawed-in-vault", "/good", fromVault("X-Api-Key", "flawed"), spec);
  // A cluster without an agent has no key to seal to. Nothing else is placed there.
  await stage.api.apply({ apiVersion: "monitoring.example.com/v1", kind: "ClusterRegistration", metadata: { name: "keyless" }, spec: { accepted: true, taints: [{ key: "spare", effect: "NoSelect" }] } });
  await stage.api.apply(monitor("keyless", { ...spec, headersFrom, url: stage.target.url("/good") }, { placement: { clusters: "keyless", tolerations: "spare" } }));
}

/** How targets treat them. */
function behave(): void {
  const { target, elsewhere } = stage;
  for (const path of ["/good", "/failing"]) target.behave(path, answers(200));
  target.behave("/parrot", parrots("x-api-key"));
  target.behave("/echo-vault", echoes("x-api-key"));
  target.behave("/echo-secret", echoes("x-secret"));
  target.behave("/echo-clear", echoes("authorization"));
  target.behave("/loop", (request, response) => redirects(307, `/loop?${String(request.headers["x-secret"])}`)(request, response));
  target.behave("/away", redirects(307, elsewhere.url("/landing")));
  elsewhere.behave("/landing", answers(200));
  target.behave("/slow", () => undefined);
}

/** What each way ends with. */
const ENDINGS: Record<string, RegExp> = {
  [DECOY]: /got 500, expected 200/,
  parrot: /not valid HTTP/,
  "echo-vault": /\[secret\]\.invalid/,
  "echo-secret": /\[secret\]\.invalid/,
  "echo-clear": /\[secret\]\.invalid/,
  loop: /more than 10 redirects/,
  slow: /within 200ms/,
  refusing: /connection refused/,
  "no-tls": /does not speak TLS/,
  flawed: /secret not found: X-Api-Key/,
  "flawed-in-vault": /secret not found: X-Api-Key/,
};

/** Vault gives half of an answer, and then denies everything. */
async function troubleVault(): Promise<void> {
  const { vault } = stage;
  vault.answer = (_request, response) => void response.end(`{"data": "${CANARY.garbled}`);
  await resolvedAs("good", "Unknown", "SourceUnavailable");
  vault.answer = undefined;
  vault.denied.add("/v1/secret/data/");
  await waitUntil({ what: "Vault to be denied", timeoutMs: 60_000 }, async () => (await resolvedAs("good", "Unknown", "SourceUnavailable")).includes("denies"));
  vault.denied.clear();
  await resolvedAs("good", "True", "Resolved");
}

describe("F30: a secret", () => {
  it("is nowhere but in the request: not in logs, metrics, events, statuses, ConfigMaps, NATS, on disk, in traces, in the audit log, on success and on every error path", async () => {
    const { api, target, elsewhere } = stage;
    behave();
    await goEveryWay();
    for (const url of [`http://user:${CANARY.refused}@a.example.com/`, "ftp://a.example.com/"]) {
      await expect(api.apply(monitor("refused", { url, headers: { "X-Clear": CANARY.refused } }))).rejects.toThrow(/url/);
    }
    await Promise.all([DECOY, "good", "away"].map((name) => healthy(name)));
    // A verdict that changes makes an Event.
    target.behave("/failing", (request, response) => void response.writeHead(500).end(JSON.stringify([request.headers, request.body])));
    for (const [name, sentence] of Object.entries(ENDINGS)) await api.untilStatus(`default/${name}`, `failed with ${sentence}`, ({ errorMessage }) => sentence.test(errorMessage ?? ""));
    expect(await resolvedAs("keyless", "False", "NoSealingKey")).toBe("no key to seal for keyless: no agent has enrolled there");
    await troubleVault();
    expect(elsewhere.seen("/landing")[0]?.headers).not.toHaveProperty("x-api-key");
    expect(target.seen("/good").find(({ headers }) => headers["x-api-key"] === vaultValue)).toMatchObject({ body: CLEAR.body, headers: { "x-secret": CANARY.secret } });

    const given = new Set(["specs of monitors", "assignments", "data of agents"]);
    const found = await wherever((place, text) => wordsIn(text, [...Object.values(CANARY), ...(given.has(place) ? [] : Object.values(CLEAR))]));
    expect(found).toEqual({});
  });

  it("would have been found in each of these places", async () => {
    const nothingOfMonitors = new Set(["answers of hubs", "registrations"]);
    const wanted = Object.keys(stage.places).filter((place) => !nothingOfMonitors.has(place));
    expect(Object.keys(await wherever((_place, text) => wordsIn(text, [DECOY])))).toEqual(wanted);
    expect(Object.keys(await wherever((_place, text) => wordsIn(text, [CLEAR.body])))).toEqual(["specs of monitors", "assignments", "data of agents"]);
  });

  it("would be found in whatever case, and inside of base64 in base64", () => {
    for (const text of [CANARY.vault, CANARY.vault.toUpperCase(), `"${base64(`a ${CANARY.vault}`)}"`, base64(`{"payload":"${base64(`"${CANARY.vault}"`)}"}`)]) {
      expect(wordsIn(text, [CANARY.vault])).toEqual([CANARY.vault]);
    }
  });
});
