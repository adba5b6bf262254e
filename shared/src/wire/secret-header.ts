import { decodeJson, encodeJson } from "./cloud-event.ts";
import { WireError } from "./errors.ts";
import { compileSchema } from "./schema.ts";

/**
 * What is sealed to a cluster's agent: the value, and what it is for. So a sealed text that somebody copies to another
 * monitor, another header or another cluster opens to something that does not fit there, and is not used.
 */
export interface SecretHeader {
  cluster: string;
  /** Of the monitor. */
  uid: string;
  /** Of the header. */
  name: string;
  value: string;
}

const text = { type: "string" } as const;

const validateSecret = compileSchema<SecretHeader>({
  type: "object",
  required: ["cluster", "uid", "name", "value"],
  properties: { cluster: text, uid: text, name: text, value: text },
});

/** The text to seal. */
export function secretText({ cluster, uid, name, value }: SecretHeader): Uint8Array {
  return encodeJson({ cluster, uid, name, value });
}

/** The value in an opened text, or undefined when it was sealed for another place. */
export function openedSecret(opened: Uint8Array, place: Omit<SecretHeader, "value">): string | undefined {
  try {
    const { value, ...meant } = validateSecret(decodeJson(opened), "secret");
    return meant.cluster === place.cluster && meant.uid === place.uid && meant.name === place.name ? value : undefined;
  } catch (error) {
    // Not ours, then. The error is not told on: a parser's sentence may show what it read.
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
