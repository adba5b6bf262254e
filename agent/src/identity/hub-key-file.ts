import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readIfPresent, replaceFile } from "../files.ts";

/**
 * The hub's public key beside the assignments, so that they are known to be the hub's also where the store of the identity
 * does not answer. It is no secret; who can write here can change the agent anyway.
 */
export class HubKeyFile {
  readonly #path: string;
  #key: string | undefined;

  constructor(dataDir: string) {
    this.#path = join(dataDir, "identity", "hub.pub");
  }

  get key(): string | undefined {
    return this.#key;
  }

  async load(): Promise<void> {
    this.#key = (await readIfPresent(this.#path))?.trim();
  }

  async save(key: string): Promise<void> {
    if (this.#key === key) return;
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await replaceFile(this.#path, `${key}\n`);
    this.#key = key;
  }
}
