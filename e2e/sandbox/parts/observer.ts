/** What Prometheus and Alertmanager have in common. */
import got from "got";

import type { PortSource } from "../../kit/ports.ts";
import type { Layout } from "../layout.ts";
import type { Supervisor } from "./supervisor.ts";

export interface ObserverInput {
  readonly supervisor: Supervisor;
  readonly layout: Layout;
  readonly binary: string;
  readonly ports: PortSource;
}

/** Whether an address answers 200. */
export async function answersOk(url: string): Promise<boolean> {
  return (await got(url, { retry: { limit: 0 }, timeout: { request: 2000 } })).statusCode === 200;
}
