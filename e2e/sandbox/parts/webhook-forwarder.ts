/** Where the API server finds the hubs' admission webhook: one port, whichever hubs live. */
import { connect } from "node:net";
import path from "node:path";

import type { PortSource } from "../../kit/ports.ts";
import { writeWhole } from "../file.ts";
import type { Layout } from "../layout.ts";
import { onFreePorts } from "./on-free-ports.ts";
import type { Supervisor } from "./supervisor.ts";

const PROGRAM = path.join(import.meta.dirname, "..", "forwarder", "main.ts");

/** Common name of the certificate by which the API server shows itself to webhooks. */
export const WEBHOOK_CLIENT = "kube-apiserver-webhooks";

export interface WebhookAccess {
  /** `127.0.0.1:port`, for good. */
  readonly host: string;
  /** The authority of the API server's client certificate. */
  readonly clientCaFile: string;
}

export interface ForwarderInput {
  readonly supervisor: Supervisor;
  readonly layout: Layout;
  readonly ports: PortSource;
  readonly clientCaFile: string;
}

/** Starts it before any hub. It is ended after the API server, which would miss it. */
export async function startWebhookForwarder({ supervisor, layout, ports, clientCaFile }: ForwarderInput): Promise<WebhookAccess> {
  return await onFreePorts(ports, 1, async (port = 0) => {
    await supervisor.start({
      name: "webhook-forwarder",
      command: process.execPath,
      args: [PROGRAM, String(port), layout.webhook],
      log: path.join(layout.logs, "webhook-forwarder.log"),
      layer: 0,
      ready: () => accepts(port),
    });
    return { host: `127.0.0.1:${port}`, clientCaFile };
  });
}

/** Says that this hub listens on that port, or will in a moment. */
export async function announceHub({ webhook }: Layout, hub: string, port: number): Promise<void> {
  await writeWhole(path.join(webhook, hub), String(port));
}

/** The flags by which a hub serves the webhook. */
export function webhookArguments({ host, clientCaFile }: WebhookAccess, port: number): string[] {
  return ["--webhook-listen", `127.0.0.1:${port}`, "--webhook-url", `https://${host}`, "--webhook-client-ca", clientCaFile, "--webhook-client-names", WEBHOOK_CLIENT];
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
