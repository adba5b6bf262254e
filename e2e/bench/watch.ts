import { request } from "node:https";
import { createInterface } from "node:readline";
import { at, textAt } from "../kit/json.ts";
import type { KubeServer } from "../sandbox/parts/kube-apiserver.ts";

/** A monitor as the API server told it, and when the news came. */
export interface Seen {
  /** Milliseconds since the Unix epoch. */
  at: number;
  type: string;
  name: string;
  object: unknown;
}

const PATH = "/apis/monitoring.example.com/v1/httpmonitors";

/**
 * Watches all monitors, as any user could, from now on, until the signal aborts. Resolves once the API server has
 * accepted the watch; `lost` is called when the server ends it.
 */
export function watchMonitors({ server, ca, admin }: KubeServer, seen: (event: Seen) => void, options: { signal: AbortSignal; lost: (reason: string) => void }): Promise<void> {
  return new Promise((resolve, reject) => {
    const { signal, lost } = options;
    const ended = (reason: string): void => {
      if (!signal.aborted) lost(reason);
    };
    const call = request(`${server}${PATH}?watch=true&timeoutSeconds=3600&allowWatchBookmarks=false`, { ca, cert: admin.cert, key: admin.key, agent: false, signal });
    call.once("error", reject);
    call.once("response", (response) => {
      if (response.statusCode !== 200) return reject(new Error(`the watch was refused with status ${response.statusCode}`));
      const lines = createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY });
      lines.on("line", (line) => tell(line, seen));
      // Both emit an error of the connection.
      for (const source of [response, lines]) source.on("error", (error: Error) => ended(error.message));
      response.once("end", () => ended("the API server ended the watch"));
      resolve();
    });
    call.end();
  });
}

function tell(line: string, seen: (event: Seen) => void): void {
  const now = Date.now();
  const event: unknown = JSON.parse(line);
  const object = at(event, "object");
  seen({ at: now, type: textAt(event, "type") ?? "", name: textAt(object, "metadata", "name") ?? "", object });
}
