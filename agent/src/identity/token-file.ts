import { messageOf } from "@sightline/shared";
import { type JoinToken, parseJoinToken, readClaims } from "@sightline/shared/identity";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { readIfPresent } from "../files.ts";
import { IdentityError } from "./stored-identity.ts";

/** The file with the join token: it may be missing, mended or exchanged while the agent runs. */
export class TokenFile {
  readonly #file: string | undefined;
  readonly #cluster: string;
  readonly #log: Logger;
  #token: JoinToken | undefined;
  #problem: string | undefined;

  constructor({ file, cluster, log }: { file: string | undefined; cluster: string; log: Logger }) {
    this.#file = file;
    this.#cluster = cluster;
    this.#log = log;
  }

  /** As last read. */
  get token(): JoinToken | undefined {
    return this.#token;
  }

  /** Its public key. */
  get key(): string | undefined {
    return this.#token === undefined ? undefined : readClaims(this.#token.jwt).sub;
  }

  /** Why there is no token. */
  get missing(): string {
    return this.#problem ?? (this.#file === undefined ? "it has no join token (--join-token-file)" : `there is no join token in ${this.#file}`);
  }

  async read(): Promise<void> {
    try {
      const text = this.#file === undefined ? undefined : await readIfPresent(this.#file);
      this.#token = text === undefined || text.trim() === "" ? undefined : this.#ours(parseJoinToken(text));
      this.#problem = undefined;
    } catch (error) {
      this.#token = undefined;
      if (this.#problem !== messageOf(error)) this.#log.error("The join token cannot be used", errorFields(error));
      this.#problem = messageOf(error);
    }
  }

  #ours(token: JoinToken): JoinToken {
    if (token.cluster === this.#cluster) return token;
    throw new IdentityError("NOT_ENROLLED", `the join token is for cluster ${token.cluster}, and this agent is that of ${this.#cluster}`);
  }
}
