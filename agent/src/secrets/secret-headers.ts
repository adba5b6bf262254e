import { type Assignment, openedSecret, type SealedHeader } from "@sightline/shared/wire";

/** Opens what the hub sealed to this agent. */
export interface Opener {
  /** The text, or undefined when it was sealed by somebody else, or to somebody else. */
  open(sealed: Uint8Array): Uint8Array | undefined;
}

/** The values of a check's secret headers by name, or a sentence why one is missing: then nothing may be sent. */
export type SecretValues = { values: Readonly<Record<string, string>> } | { problem: string };

export interface SecretHeadersOptions {
  cluster: string;
  /** Undefined before this agent has enrolled. */
  opener: () => Opener | undefined;
}

const NONE: SecretValues = { values: {} };

/** Opens the secret headers of assignments, when a probe needs them. What was opened is in memory only, as long as its assignment. */
export class SecretHeaders {
  readonly #options: SecretHeadersOptions;
  /** Opening takes about a millisecond: too long for each probe, or for all checks of a set at once. */
  readonly #opened = new WeakMap<Assignment, SecretValues>();

  constructor(options: SecretHeadersOptions) {
    this.#options = options;
  }

  /** What the check says is needed decides, not what came with it: without one of them nothing is sent. */
  of(assignment: Assignment): SecretValues {
    const names = assignment.check.secretHeaders ?? [];
    if (names.length === 0) return NONE;
    const known = this.#opened.get(assignment);
    if (known !== undefined) return known;
    const found = this.#openAll(assignment, names);
    // A problem may pass: the agent may yet get its key.
    if ("values" in found) this.#opened.set(assignment, found);
    return found;
  }

  #openAll({ uid, sealedHeaders = [] }: Assignment, names: readonly string[]): SecretValues {
    const values: [string, string][] = [];
    for (const name of names) {
      const header = sealedHeaders.find((one) => one.name === name);
      if (header === undefined) return { problem: `secret not found: ${name}` };
      const value = this.#open(uid, header);
      if (value === undefined) return { problem: `the value of header ${name} was not sealed to this agent` };
      values.push([name, value]);
    }
    return { values: Object.fromEntries(values) };
  }

  #open(uid: string, { name, sealed }: SealedHeader): string | undefined {
    const opened = this.#options.opener()?.open(Buffer.from(sealed, "base64"));
    return opened === undefined ? undefined : openedSecret(opened, { cluster: this.#options.cluster, uid, name });
  }
}
