import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { WireError } from "./errors.ts";

/** Narrows a value from outside, or throws INVALID_MESSAGE with a sentence that names the place. Unknown fields pass: versions differ. */
export type Validate<T> = (value: unknown, name: string) => T;

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: false });

export function compileSchema<T>(schema: Record<string, unknown>): Validate<T> {
  const check = ajv.compile<T>(schema);
  return (value, name) => {
    if (check(value)) return value;
    throw new WireError("INVALID_MESSAGE", describe(check.errors?.[0], name));
  };
}

function describe(error: ErrorObject | undefined, name: string): string {
  if (error === undefined) return `${name} is invalid`;
  return `${name}${error.instancePath.replaceAll("/", ".")} ${error.message ?? "is invalid"}`;
}
