import { exponentialBackoff } from "../backoff.ts";
import { type Clock, sleep } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { seldom } from "../seldom.ts";

export interface FirstConnectionOptions<T> {
  /** One attempt. */
  connect: () => Promise<T>;
  clock: Clock;
  random: () => number;
  /** Ends the waiting. */
  signal: AbortSignal;
  /** Told of each failure, but of the same reason once a minute at most. */
  onFailure: (error: unknown) => void;
}

const TELL_AGAIN_MS = 60_000;

/** Tries until there is a connection: servers, keys and authorities may be mended, or come, while it waits. */
export class FirstConnection<T extends { close(): Promise<void> }> {
  readonly #options: FirstConnectionOptions<T>;
  readonly #isNews: (reason: string) => boolean;
  #reason: string | undefined;

  constructor(options: FirstConnectionOptions<T>) {
    this.#options = options;
    this.#isNews = seldom(options.clock, TELL_AGAIN_MS);
  }

  /** Why there is none yet; undefined when no attempt has failed so far, or one has succeeded. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** The connection; undefined when the signal came first. */
  async made(): Promise<T | undefined> {
    const { clock, random, signal } = this.#options;
    const backoff = exponentialBackoff({ baseMs: 500, maxMs: 2000, random });
    while (!signal.aborted) {
      const connection = await this.#attempt();
      if (connection !== undefined && !signal.aborted) return connection;
      await connection?.close();
      await sleep(clock, backoff.next(), signal);
    }
    return undefined;
  }

  async #attempt(): Promise<T | undefined> {
    try {
      const connection = await this.#options.connect();
      this.#reason = undefined;
      return connection;
    } catch (error) {
      this.#reason = messageOf(error);
      if (this.#isNews(this.#reason)) this.#options.onFailure(error);
      return undefined;
    }
  }
}
