import { Watch } from "@kubernetes/client-node";
import type { KubeClient } from "./client.ts";
import { errorOfAnswer, type KubeError, kubeError } from "./errors.ts";
import { listPage, type ObjectPage } from "./list-pages.ts";
import { field } from "./raw.ts";
import { collectionPath, type Resource } from "./resources.ts";

export type WatchEventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";

export interface WatchHandler {
  /** The server has accepted the watch. */
  opened(): void;
  /** Must not throw. */
  event(type: WatchEventType, object: unknown): void;
}

/** Where an informer gets its objects from. All errors are KubeErrors; GONE means that only a list helps. */
export interface ObjectSource {
  list(from: string | undefined, signal: AbortSignal): Promise<ObjectPage>;
  /** Resolves when the server ends the watch in good order. */
  watch(resourceVersion: string, handler: WatchHandler, signal: AbortSignal): Promise<void>;
}

/** Milliseconds. */
export interface SourceTiming {
  /** Objects of one page. */
  pageSize: number;
  listTimeoutMs: number;
  /** How long the server is to keep one watch open, in whole seconds. */
  watchMs: () => number;
  /** A watch that has told nothing for as long as it should last, and this long beyond, is taken for dead. */
  graceMs: number;
}

/**
 * A server has nothing to tell of a kind of which it has seen no event, no bookmark either: a short watch that it ends
 * itself is its sign of life. They end at different times, so that not all kinds are asked for at once.
 */
export function sourceTiming(random: () => number): SourceTiming {
  return { pageSize: 500, listTimeoutMs: 10_000, watchMs: () => 1000 * Math.round(40 + 20 * random()), graceMs: 30_000 };
}

const EVENT_TYPES: ReadonlySet<string> = new Set<WatchEventType>(["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]);

/** All objects of a kind (with a label selector: those that match), from a real API server. The one place that uses client-node's Watch. */
export function kubeSource(client: KubeClient, resource: Resource, timing: SourceTiming, labelSelector?: string): ObjectSource {
  const path = collectionPath(resource);
  return {
    list: (from, signal) => listPage(client, { resource, labelSelector, pageSize: timing.pageSize, signal, timeoutMs: timing.listTimeoutMs }, from),
    watch: (resourceVersion, handler, signal) => {
      const watchMs = timing.watchMs();
      const query = { resourceVersion, labelSelector, allowWatchBookmarks: true, timeoutSeconds: watchMs / 1000 };
      return watchOnce({ client, path, query, silenceMs: watchMs + timing.graceMs, action: `watch ${resource.plural}` }, handler, signal);
    },
  };
}

interface WatchCall {
  client: KubeClient;
  path: string;
  query: Record<string, string | number | boolean | undefined>;
  silenceMs: number;
  action: string;
}

function watchOnce(call: WatchCall, handler: WatchHandler, signal: AbortSignal): Promise<void> {
  // The library's limit of 30 s without a byte is shorter than a watch without events; its types hide the setting.
  const watch = new Watch(call.client.config);
  Object.assign(watch, { requestTimeoutMs: call.silenceMs });
  return new Promise((resolve, reject) => {
    const ended = new AbortController();
    const end = (error?: KubeError): void => {
      ended.abort();
      if (error === undefined) resolve();
      else reject(error);
    };
    if (signal.aborted) return end();
    signal.addEventListener("abort", () => end(), { once: true, signal: ended.signal });
    const done = (error: unknown): void => end(error === null || error === undefined ? undefined : kubeError(call.action, error));
    const event = (type: string, object: unknown): void => {
      if (type === "ERROR") end(errorOfAnswer(call.action, statusCodeOf(object), object));
      else if (isEventType(type) && !ended.signal.aborted) handler.event(type, object);
    };
    const opened = (connection: AbortController): void => {
      ended.signal.addEventListener("abort", () => connection.abort(), { once: true });
      if (ended.signal.aborted) connection.abort();
      else handler.opened();
    };
    watch.watch(call.path, call.query, event, done).then(opened, done);
  });
}

function isEventType(type: string): type is WatchEventType {
  return EVENT_TYPES.has(type);
}

function statusCodeOf(status: unknown): number {
  const code = field(status, "code");
  return typeof code === "number" ? code : 500;
}
