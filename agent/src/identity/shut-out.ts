import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "@sightline/shared";
import type { Logger } from "@sightline/shared/telemetry";
import { readIfPresent, replaceFile } from "../files.ts";

/**
 * Whether the hub has said that this agent may not work, and why: from then on it probes nothing, until the hub says
 * otherwise. Only what the hub itself said counts, never that it said nothing. Kept beside the assignments, so that a
 * restarted agent knows it also where neither the hub nor the store of its identity answers.
 */
export class ShutOut {
  readonly #path: string;
  readonly #log: Logger;
  #reason: string | undefined;
  /** What the file holds. */
  #stored: string | undefined;
  #onChange = (): void => undefined;

  constructor(dataDir: string, log: Logger) {
    this.#path = join(dataDir, "identity", "shut-out");
    this.#log = log;
  }

  /** Undefined: it is not. */
  get reason(): string | undefined {
    return this.#reason;
  }

  async load(): Promise<void> {
    this.#stored = (await readIfPresent(this.#path))?.trim();
    this.#reason = this.#stored;
  }

  /** Calls back when the agent is shut out, and when it is let in again. One listener. */
  watch(listener: () => void): void {
    this.#onChange = listener;
  }

  /** What the hub said: a reason, or undefined where the agent may work. It takes effect at once, whatever becomes of the file. */
  async say(reason: string | undefined): Promise<void> {
    const changed = (reason === undefined) !== (this.#reason === undefined);
    this.#reason = reason;
    if (changed) this.#onChange();
    if (reason !== this.#stored) await this.#keep(reason);
  }

  /** Where it fails it is tried again with the hub's next answer, for which an agent that is shut out does not wait long. */
  async #keep(reason: string | undefined): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await (reason === undefined ? rm(this.#path, { force: true }) : replaceFile(this.#path, `${reason}\n`));
      this.#stored = reason;
    } catch (error) {
      this.#log.warn("Whether the hub lets this agent work could not be stored; a restart would go on by what is stored", { error: messageOf(error) });
    }
  }
}
