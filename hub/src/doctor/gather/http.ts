import { type Clock, messageOf, SightlineError } from "@sightline/shared";
import got, { type Response } from "got";
import { field, jsonIn, listField, textField } from "../../kube/raw.ts";
import type { NatsServerFacts, ProcessFacts, ProcessHealth, ServerJetStream } from "../facts.ts";
import { httpClock } from "./http-clock.ts";
import { look } from "./looking.ts";

export interface HttpLook {
  clock: Clock;
  timeoutMs: number;
}

/** What a hub or agent says of itself. One that does not answer is asked no more: each try may last for the whole time-out. Never throws. */
export async function lookAtProcess(url: string, { clock, timeoutMs }: HttpLook): Promise<ProcessFacts> {
  const time = httpClock(clock);
  const health = async (path: string): Promise<ProcessHealth> => {
    time.asks();
    const answer = await read(`${url}${path}`, timeoutMs);
    const health = healthOf(answer.statusCode, answer.body);
    if (health === undefined) throw new SightlineError("UNAVAILABLE", `nothing of Sightline answers under ${path} here (HTTP ${answer.statusCode}): is the URL its root?`);
    time.answered(answer.headers.date);
    return health;
  };
  const live = await look(health("/healthz"));
  const ready = live.seen ? await look(health("/readyz")) : live;
  const version = ready.seen ? await look(read(`${url}/metrics`, timeoutMs).then(({ body }) => versionIn(body))) : ready;
  return { url, live, ready, version, clock: time.reading() };
}

/** What a NATS server's monitoring endpoint says. Never throws. */
export async function lookAtServer(url: string, { timeoutMs }: HttpLook): Promise<NatsServerFacts> {
  return { url, jetstream: await look(read(`${url}/jsz`, timeoutMs).then(({ body }) => jetStreamOf(body))) };
}

async function read(url: string, timeoutMs: number): Promise<Pick<Response<string>, "statusCode" | "body" | "headers">> {
  try {
    return await got(url, { retry: { limit: 0 }, timeout: { request: timeoutMs }, throwHttpErrors: false });
  } catch (error) {
    throw new SightlineError("UNAVAILABLE", `it does not answer: ${messageOf(error)}`, { cause: error });
  }
}

/** The body of `/readyz` or `/healthz`, of a hub or an agent; undefined when neither would say so: somebody else answers. */
export function healthOf(statusCode: number, body: string): ProcessHealth | undefined {
  const said = jsonIn(body);
  const ready = field(said, "ready");
  if (typeof ready === "boolean") return { ok: ready, role: textField(said, "role"), missing: { ...sentencesIn(said, "missing"), ...agentMissing(said) }, ...warningsIn(said) };
  // All that an agent says of being alive.
  return statusCode === 200 && body === "ok\n" ? { ok: true, role: undefined, missing: {} } : undefined;
}

function warningsIn(said: unknown): Pick<ProcessHealth, "warnings"> {
  const warnings = sentencesIn(said, "warnings");
  return Object.keys(warnings).length === 0 ? {} : { warnings };
}

function sentencesIn(said: unknown, name: string): Record<string, string> {
  const sentences = field(said, name);
  return Object.fromEntries(Object.entries(typeof sentences === "object" && sentences !== null ? sentences : {}).map(([key, sentence]) => [key, String(sentence)]));
}

function agentMissing(said: unknown): Record<string, string> {
  return Object.fromEntries(listField(said, "notReady").map((part) => [textField(part, "part") ?? "", textField(part, "reason") ?? ""]));
}

/** The version in a Prometheus exposition. */
export function versionIn(exposition: string): string | undefined {
  return /^sightline_build_info\{[^}]*\bversion="([^"]*)"/m.exec(exposition)?.[1];
}

/** The server's own limit where its configuration names none. */
const DEFAULT_MAX_BATCH = 1000;
const NANOS_PER_MS = 1e6;

/** The body of `/jsz`. @throws SightlineError when it says nothing of JetStream. */
export function jetStreamOf(body: string): ServerJetStream {
  const said = jsonIn(body);
  const config = field(said, "config");
  if (typeof field(config, "max_storage") !== "number") throw new SightlineError("UNAVAILABLE", "what answers is no monitoring endpoint of a NATS server with JetStream");
  return {
    maxBatch: numberIn(field(said, "limits"), "max_batch_size") || DEFAULT_MAX_BATCH,
    syncEveryMs: field(config, "sync_always") === true ? 0 : numberIn(config, "sync_interval") / NANOS_PER_MS,
    storage: numberIn(said, "storage"),
    memory: numberIn(said, "memory"),
    reservedStorage: numberIn(said, "reserved_storage"),
    maxStorage: numberIn(config, "max_storage"),
    maxMemory: numberIn(config, "max_memory"),
  };
}

function numberIn(value: unknown, name: string): number {
  const found = field(value, name);
  return typeof found === "number" ? found : 0;
}
