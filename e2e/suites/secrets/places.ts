import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NatsConnection } from "@sightline/shared/nats";
import got from "got";
import { at, listAt, textAt } from "../../kit/json.ts";
import type { Stage } from "../../kit/sandbox.ts";

/** Everything that a place holds, as texts. */
export type Place = () => Promise<string[]>;

/** Where a secret must not be: each place by its name, read to its end whenever it is asked. */
export function placesOf(stage: Stage, more: { connection: NatsConnection; traces: string; audit: string }): Record<string, Place> {
  const { sandbox } = stage;
  const kube = async (path: string): Promise<unknown[]> => listAt(await sandbox.kube.client.get(path), "items");
  const all = (path: string): Place => async () => (await kube(path)).map((item) => JSON.stringify(item));
  const monitors = (): Promise<unknown[]> => kube("apis/monitoring.example.com/v1/httpmonitors");
  return {
    "logs of hubs and agents": () => filesUnder(join(sandbox.dir, "logs"), (name) => /^(hub|agent)-/.test(name)),
    "metrics of hubs": () => Promise.all(sandbox.state.hubs.map(({ metrics }) => got(metrics).text())),
    "metrics of agents": () => Promise.all(sandbox.state.agents.map(({ metrics }) => got(metrics).text())),
    "answers of hubs": () => Promise.all(sandbox.state.hubs.map(({ api }) => got(`${api}/readyz`).text())),
    events: all("api/v1/events"),
    "config maps": all("api/v1/configmaps"),
    "statuses of monitors": async () => (await monitors()).map((item) => JSON.stringify([textAt(item, "metadata", "name"), at(item, "status")])),
    "specs of monitors": async () => (await monitors()).map((item) => JSON.stringify([textAt(item, "metadata", "name"), at(item, "spec")])),
    registrations: all("apis/monitoring.example.com/v1/clusterregistrations"),
    assignments: () => messagesOf(more.connection, (stream) => stream === "KV_assign"),
    "results, checkpoints and parked messages": () => messagesOf(more.connection, (stream) => stream !== "KV_assign"),
    "data of agents": async () => (await Promise.all(sandbox.state.agents.map(({ dataDir }) => filesUnder(dataDir)))).flat(),
    traces: async () => [await readFile(more.traces, "utf8")],
    "the audit log": async () => [await readFile(more.audit, "utf8")],
  };
}

/** All files of a folder and its folders. One that vanishes while it is looked at held nothing. */
async function filesUnder(dir: string, wanted: (name: string) => boolean = () => true): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && wanted(entry.name));
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8").catch(() => "")));
}

/** Every message that JetStream stores, by whatever stream. */
async function messagesOf(connection: NatsConnection, wanted: (stream: string) => boolean): Promise<string[]> {
  const names = listAt((await connection.request("$JS.API.STREAM.NAMES")).json(), "streams").map(String);
  return (await Promise.all(names.filter((name) => wanted(name)).map((name) => storedIn(connection, name)))).flat();
}

async function storedIn(connection: NatsConnection, stream: string): Promise<string[]> {
  const texts: string[] = [];
  for (let sequence = 1; ; sequence++) {
    const answer: unknown = (await connection.request(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify({ seq: sequence, next_by_subj: ">" }))).json();
    const found = at(answer, "message", "seq");
    if (typeof found !== "number") return texts;
    sequence = found;
    texts.push(`${textAt(answer, "message", "subject") ?? ""} ${decoded(textAt(answer, "message", "hdrs") ?? "")} ${decoded(textAt(answer, "message", "data") ?? "")}`);
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

/** Which of the words a text holds: as it stands, in whatever case, or inside of what is base64 in it (twice, as in a stored set). */
export function wordsIn(text: string, words: readonly string[]): string[] {
  const layers = [text];
  for (const depth of [0, 1]) {
    const layer = layers[depth] ?? "";
    layers.push((layer.match(/[A-Za-z0-9+/]{16,}={0,2}/g) ?? []).map((token) => decoded(token)).join("\n"));
  }
  const readable = layers.join("\n").toLowerCase();
  return words.filter((word) => readable.includes(word.toLowerCase()));
}
