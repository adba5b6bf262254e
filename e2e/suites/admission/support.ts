import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { messageOf } from "@sightline/shared";
import got from "got";
import { at, listAt, textAt } from "../../kit/json.ts";
import { scrape, sum } from "../../kit/metrics.ts";
import { activeHub, type Stage } from "../../kit/sandbox.ts";
import { waitUntil } from "../../kit/wait.ts";
import type { KubeClient } from "../../sandbox/mod.ts";

const CONFIGURATIONS = "apis/admissionregistration.k8s.io/v1";
export const MUTATING = `${CONFIGURATIONS}/mutatingwebhookconfigurations/sightline`;
export const VALIDATING = `${CONFIGURATIONS}/validatingwebhookconfigurations/sightline`;
export const SECRET = "api/v1/namespaces/sightline-system/secrets/sightline-webhook";
const HELD = ["httpmonitors", "clusterregistrations"].map((plural) => `apis/monitoring.example.com/v1/${plural}`);

export function hubNames({ sandbox }: Stage): string[] {
  return sandbox.state.hubs.map(({ name }) => name);
}

/** The hub that leads, and the other one, by their names. */
export async function leaderFirst(stage: Stage): Promise<[string, string]> {
  const leader = (await activeHub(stage)).name;
  return [leader, hubNames(stage).find((name) => name !== leader) ?? ""];
}

/** How many reviews something causes, mutating and validating ones together. */
export async function reviewsOf(stage: Stage, act: () => Promise<unknown>): Promise<number> {
  const before = await reviews(stage);
  await act();
  return (await reviews(stage)) - before;
}

async function reviews({ sandbox }: Stage): Promise<number> {
  const counts = await Promise.all(sandbox.state.hubs.map(async ({ metrics }) => sum(await scrape(metrics), "sightline_admission_duration_seconds_count")));
  return counts.reduce((total, count) => total + count, 0);
}

/** The texts of a Secret. */
export function readTexts(secret: unknown): Record<string, string> {
  const data = at(secret, "data");
  return Object.fromEntries(Object.entries(typeof data === "object" && data !== null ? data : {}).map(([key, value]) => [key, Buffer.from(String(value), "base64").toString("utf8")]));
}

export async function writeTexts(client: KubeClient, texts: Record<string, string>): Promise<void> {
  await client.patch(SECRET, { data: Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, Buffer.from(value).toString("base64")])) });
}

/** Asks the webhook as anybody could who reaches its port. */
export async function askAsStranger(url: string, ca: string): Promise<{ status: number; body: unknown }> {
  const { statusCode, body } = await got.post(url, { json: {}, https: { certificateAuthority: ca }, retry: { limit: 0 }, throwHttpErrors: false });
  return { status: statusCode, body: JSON.parse(body) };
}

/** The certificate that each hub shows now, as PEM texts. */
export async function servedCertificates({ sandbox }: Stage): Promise<string[]> {
  const ports = await Promise.all(sandbox.state.hubs.map(({ name }) => readFile(join(sandbox.dir, "webhook", name), "utf8")));
  return await Promise.all(ports.map((port) => servedOn(Number(port))));
}

function servedOn(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.toString() ?? "");
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

export interface Applies extends AsyncDisposable {
  refusals: string[];
  /** Waits for so many more. */
  untilMore(count: number): Promise<void>;
}

/** Changes a monitor again and again, one change after the other. */
export function applyUntilEnd({ api }: Stage, key: string): Applies {
  const refusals: string[] = [];
  const ended = new AbortController();
  let applied = 0;
  const run = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      applied += 1;
      try {
        await api.patchMonitor(key, { spec: { interval: `${2 + (applied % 2)}s` } });
      } catch (error) {
        refusals.push(messageOf(error));
      }
    }
  };
  const running = run();
  return {
    refusals,
    untilMore: async (count) => {
      const wanted = applied + count;
      await waitUntil({ what: `${count} more changes`, timeoutMs: 60_000 }, () => applied >= wanted);
    },
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await running;
    },
  };
}

/** What a hub's finalizers hold. */
export async function heldObjects({ sandbox }: Stage): Promise<string[]> {
  const lists = await Promise.all(HELD.map((path) => sandbox.kube.client.get(path)));
  const held = lists.flatMap((list) => listAt(list, "items")).filter((item) => listAt(item, "metadata", "finalizers").length > 0);
  return held.map((item) => textAt(item, "metadata", "name") ?? "");
}

/** What a hub says of its webhook at /readyz; undefined when nothing is missing. */
export async function webhookTrouble({ sandbox }: Stage, name: string): Promise<string | undefined> {
  const { api = "" } = sandbox.state.hubs.find((hub) => hub.name === name) ?? {};
  const body: unknown = JSON.parse((await got(`${api}/readyz`, { retry: { limit: 0 }, throwHttpErrors: false })).body);
  return textAt(body, "missing", "webhook");
}
