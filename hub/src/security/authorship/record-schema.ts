import { compileSchema, WireError } from "@sightline/shared/wire";
import type { AuthorizationRecord } from "./record.ts";

const text = { type: "string" } as const;
const texts = { type: "array", items: text } as const;
const map = (values: object): object => ({ type: "object", additionalProperties: values });

/** Of its intent only the outline: the hub signed it after the API server had validated it. */
const validate = compileSchema<AuthorizationRecord>({
  type: "object",
  required: ["version", "user", "uid", "groups", "extra", "namespace", "hash", "time", "signature"],
  properties: {
    version: { const: 1 },
    user: text,
    uid: text,
    groups: texts,
    extra: map(texts),
    namespace: text,
    name: text,
    namePrefix: text,
    monitorUid: text,
    dryRun: { const: true },
    hash: text,
    intent: {
      type: "object",
      required: ["spec", "placement"],
      properties: { spec: { type: "object", required: ["url"], properties: { url: text } }, placement: map(text) },
    },
    time: text,
    signature: text,
  },
});

/** The record in an annotation's text, which anybody may have written; undefined when it is none. Proves nothing by itself. */
export function readRecord(json: string): AuthorizationRecord | undefined {
  try {
    return validate(JSON.parse(json), "record");
  } catch (error) {
    // A RangeError is JSON nested deeper than the stack.
    if (error instanceof SyntaxError || error instanceof WireError || error instanceof RangeError) return undefined;
    throw error;
  }
}
