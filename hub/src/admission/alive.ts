import { request } from "node:https";
import { messageOf } from "@sightline/shared";

/** Asks a hub's webhook for a sign of life. */
export const ALIVE_PATH = "/admission/alive";

const TIMEOUT_MS = 2000;

/** Whom to ask, and by whose certificate it is known. */
export interface Asked {
  host: string;
  port: number;
  /** PEM texts of the authorities. */
  ca: string;
  /** Name in its certificate; `host` when absent. */
  servername?: string;
}

/** @returns undefined when a hub answers there, otherwise a sentence. */
export function askAlive({ host, port, ca, servername }: Asked): Promise<string | undefined> {
  const options = { host, port, ca, path: ALIVE_PATH, agent: false, timeout: TIMEOUT_MS, ...(servername === undefined ? {} : { servername }) };
  return new Promise((resolve) => {
    const asked = request(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `the webhook at ${host}:${port} answered ${response.statusCode ?? 0}`);
    });
    asked.once("timeout", () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    asked.once("error", (error) => resolve(`the webhook at ${host}:${port} does not answer: ${messageOf(error)}`));
    asked.end();
  });
}
