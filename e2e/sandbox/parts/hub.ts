import path from "node:path";

import type { PortSource } from "../../kit/ports.ts";
import type { Layout } from "../layout.ts";
import type { NatsAccess } from "./nats-server.ts";
import { answersReady, type ExtraFlags, programOf, type Programs } from "./node-part.ts";
import { onFreePorts } from "./on-free-ports.ts";
import type { Supervisor } from "./supervisor.ts";

export interface HubInput {
  readonly supervisor: Supervisor;
  readonly layout: Layout;
  readonly nats: NatsAccess;
  readonly ports: PortSource;
  readonly programs: Programs | undefined;
  readonly flags: ExtraFlags | undefined;
}

export interface HubAccess {
  readonly name: string;
  readonly api: string;
  readonly metrics: string;
}

/**
 * Starts one replica of the hub with the rights of its own ServiceAccount. One that is `alone` is ready when it leads; of
 * several, one leads and the others stand by.
 */
export async function startHub(input: HubInput, ordinal: number, alone: boolean): Promise<HubAccess> {
  const { supervisor, layout, nats, ports, programs, flags } = input;
  const name = `hub-${ordinal}`;
  return await onFreePorts(ports, 1, async (port) => {
    const listen = `127.0.0.1:${port}`;
    const api = `http://${listen}`;
    await supervisor.start({
      name,
      command: process.execPath,
      args: [programOf("hub", programs), "--kubeconfig", layout.operatorKubeconfig, ...natsArguments(nats), "--keys-dir", nats.keysDir, "--listen", listen, "--identity", name, ...(flags?.hub ?? [])],
      log: path.join(layout.logs, `${name}.log`),
      layer: 2,
      ready: () => answersReady(api, alone ? "active" : undefined),
    });
    return { name, api, metrics: `${api}/metrics` };
  });
}

/** The flags by which hub and agent reach NATS. */
export function natsArguments({ url, caFile }: NatsAccess): string[] {
  return ["--nats-url", url, "--nats-ca", caFile];
}
