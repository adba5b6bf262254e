import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readIfPresent, replaceFile } from "../files.ts";
import { IdentityError, type IdentityStore, parseIdentity, type StoredIdentity } from "./stored-identity.ts";

/** The identity in a file that its owner alone may read: where there is no Kubernetes to keep it. */
export class FileStore implements IdentityStore {
  readonly #directory: string;

  constructor(dataDir: string) {
    this.#directory = join(dataDir, "identity");
  }

  async load(): Promise<StoredIdentity | undefined> {
    const json = await this.#read();
    return json === undefined ? undefined : parseIdentity(json, this.#path);
  }

  async save(identity: StoredIdentity): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await replaceFile(this.#path, `${JSON.stringify(identity)}\n`, 0o600);
  }

  get #path(): string {
    return join(this.#directory, "identity.json");
  }

  async #read(): Promise<string | undefined> {
    try {
      return await readIfPresent(this.#path);
    } catch (cause) {
      throw new IdentityError("IDENTITY_UNREADABLE", `${this.#path} cannot be read`, { cause, retryable: true });
    }
  }
}
