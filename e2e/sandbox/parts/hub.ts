import path from "node:path";

import type { PortSource } from "../../kit/ports.ts";
import type { Layout } from "../layout.ts";
import type { NatsAccess } from "./nats-server.ts";
import { answersReady, type ExtraFlags, programOf, type Programs } from "./node-part.ts";
import { onFreePorts } from "./on-free-ports.ts";
import type { Supervisor } from "./supervisor.ts";
import { announceHub, webhookArguments, type WebhookAccess } from "./webhook-forwarder.ts";

export interface HubInput {
  readonly supervisor: Supervisor;
  readonly layout: Layout;
  readonly nats: NatsAccess;
  readonly ports: PortSource;
  readonly programs: Programs | undefined;
  readonly flags: ExtraFlags | undefined;
  readonly webhook: WebhookAccess | undefined;
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
  const { supervisor, layout, nats, ports, programs, flags, webhook } = input;
  const name = `hub-${ordinal}`;
  return await onFreePorts(ports, 2, async (port, webhookPort = 0) => {
    const listen = `127.0.0.1:${port}`;
    await announceHub(layout, name, webhookPort);
    const api = `http://${listen}`;
    await supervisor.start({
      name,
      command: process.execPath,
      args: [programOf("hub", programs), "--kubeconfig", layout.operatorKubeconfig, ...natsArguments(nats), "--keys-dir", nats.keysDir, "--audit-log", auditLogOf(layout, name), "--listen", listen, ...(webhook === undefined ? [] : webhookArguments(webhook, webhookPort)), "--identity", name, ...(flags?.hub ?? [])],
      log: path.join(layout.logs, `${name}.log`),
      layer: 2,
      ready: () => answersReady(api, alone ? "active" : undefined),
    });
    return { name, api, metrics: `${api}/metrics` };
  });
}

/** Where a hub keeps what it decided. */
export function auditLogOf({ logs }: Pick<Layout, "logs">, hub: string): string {
  return path.join(logs, `${hub}-audit.log`);
}

/** The flags by which hub and agent reach NATS. */
export function natsArguments({ url, caFile }: NatsAccess): string[] {
  return ["--nats-url", url, "--nats-ca", caFile];
}
