/** sandbox.json: what runs, for people, scripts and tests. */
import { readFile } from "node:fs/promises";

import type { JSONSchemaType } from "ajv";
import { Ajv } from "ajv";

import { messageOf, SandboxError } from "./errors.ts";
import { writeWhole } from "./file.ts";

export interface PartState {
  readonly name: string;
  readonly pid: number;
  readonly log: string;
}

export interface HubState extends PartState {
  /** Base URL of the hub's API. */
  readonly api: string;
  readonly metrics: string;
}

export interface AgentState extends PartState {
  readonly cluster: string;
  /** Base URL of its listener. */
  readonly url: string;
  readonly metrics: string;
  /** What the agent keeps on disk. */
  readonly dataDir: string;
  readonly natsCredsFile: string;
}

export interface SandboxState {
  readonly version: 1;
  /** "up" when all is ready; "starting" and "down" may be met by whoever looks early or late. */
  readonly state: "starting" | "up" | "down";
  readonly dir: string;
  /** URL; "" until it is known. */
  readonly kubeApi: string;
  /** The administrator's. */
  readonly kubeconfig: string;
  /** The hub's own ServiceAccount. */
  readonly operatorKubeconfig: string;
  readonly nats: readonly string[];
  /** nats-server's monitoring endpoints; "" until they are known. */
  readonly natsMonitor: string;
  /** The hub's identity on NATS. */
  readonly natsHub: { readonly credsFile: string; readonly ca: string };
  readonly hubs: readonly HubState[];
  readonly agents: readonly AgentState[];
  /** The rest: etcd, kube-apiserver, nats-server. */
  readonly parts: readonly PartState[];
}

const text = { type: "string" } as const;
const part = { name: text, pid: { type: "integer", minimum: 2 }, log: text } as const;

const schema: JSONSchemaType<SandboxState> = {
  type: "object",
  required: ["version", "state", "dir", "kubeApi", "kubeconfig", "operatorKubeconfig", "nats", "natsMonitor", "natsHub", "hubs", "agents", "parts"],
  properties: {
    version: { type: "number", const: 1 },
    state: { type: "string", enum: ["starting", "up", "down"] },
    dir: text,
    kubeApi: text,
    kubeconfig: text,
    operatorKubeconfig: text,
    nats: { type: "array", items: text },
    natsMonitor: text,
    natsHub: { type: "object", required: ["credsFile", "ca"], properties: { credsFile: text, ca: text } },
    hubs: { type: "array", items: { type: "object", required: ["name", "pid", "log", "api", "metrics"], properties: { ...part, api: text, metrics: text } } },
    agents: {
      type: "array",
      items: {
        type: "object",
        required: ["name", "pid", "log", "cluster", "url", "metrics", "dataDir", "natsCredsFile"],
        properties: { ...part, cluster: text, url: text, metrics: text, dataDir: text, natsCredsFile: text },
      },
    },
    parts: { type: "array", items: { type: "object", required: ["name", "pid", "log"], properties: part } },
  },
};

const validate = new Ajv().compile(schema);

/** Throws a SandboxError for a text that is not a sandbox.json (half of one, for instance). */
export function parseState(json: string): SandboxState {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new SandboxError(`sandbox.json is not JSON: ${messageOf(error)}`, { cause: error });
  }
  if (validate(value)) return value;
  const [first] = validate.errors ?? [];
  throw new SandboxError(`sandbox.json cannot be read: ${first?.instancePath ?? ""} ${first?.message ?? ""}`);
}

export async function readState(file: string): Promise<SandboxState> {
  return parseState(await readFile(file, "utf8"));
}

export async function writeState(file: string, state: SandboxState): Promise<void> {
  await writeWhole(file, `${JSON.stringify(state, null, 2)}\n`);
}

/** Says in a sandbox.json, if there is a whole one, that nothing runs any more. */
export async function markDown(file: string): Promise<void> {
  try {
    await writeState(file, { ...(await readState(file)), state: "down" });
  } catch {
    // There is none, or only a part of one: nothing to say it in.
  }
}
