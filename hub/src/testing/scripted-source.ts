import type { Clock } from "@sightline/shared";
import { KubeError } from "../kube/errors.ts";
import type { ObjectPage } from "../kube/list-pages.ts";
import type { ObjectSource, WatchEventType, WatchHandler } from "../kube/object-source.ts";

/** A source that a test drives: lists answer what `pages` says, watches stay open until they are ended. */
export class ScriptedSource implements ObjectSource {
  pages: () => ObjectPage[] = () => [{ items: [], resourceVersion: "1", next: undefined }];
  readonly lists: number[] = [];
  readonly watches: string[] = [];
  readonly clock: Clock;
  refuseWatch: KubeError | undefined;
  #open: { handler: WatchHandler; end: (error?: Error) => void } | undefined;
  #pending: ObjectPage[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async list(from: string | undefined): Promise<ObjectPage> {
    if (from === undefined) {
      this.lists.push(this.clock.now());
      this.#pending = this.pages();
    }
    const page = this.#pending.shift();
    if (page === undefined) throw new KubeError("GONE", "the continue token is too old", { retryable: true });
    return Promise.resolve(page);
  }

  watch(resourceVersion: string, handler: WatchHandler, signal: AbortSignal): Promise<void> {
    this.watches.push(resourceVersion);
    if (this.refuseWatch !== undefined) return Promise.reject(this.refuseWatch);
    return new Promise((resolve, reject) => {
      this.#open = { handler, end: (error) => (error === undefined ? resolve() : reject(error)) };
      signal.addEventListener("abort", () => resolve(), { once: true });
      handler.opened();
    });
  }

  send(type: WatchEventType, item: unknown): void {
    this.#open?.handler.event(type, item);
  }

  /** Ends the open watch: in good order, or by an error. */
  end(error?: Error): void {
    this.#open?.end(error);
  }
}
