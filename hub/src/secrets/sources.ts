import type { HTTPMonitorSpec } from "@sightline/shared/api";

/** One header of a monitor whose value is a secret. */
export type HeaderFrom = NonNullable<HTTPMonitorSpec["headersFrom"]>[number];

/** Something that is read as a whole: a secret of Vault's KV engine, or a Secret of Kubernetes. */
export interface SecretObject {
  kind: "vault" | "secret";
  /** Of the monitor: each sees its own namespace's objects only. */
  namespace: string;
  /** A path, as the monitor names it, or the Secret's name. */
  name: string;
}

/** What the last read of an object brought. Reasons are clauses that follow its name; they never hold a value. */
export type Reading =
  | { kind: "found"; values: ReadonlyMap<string, string> }
  /** It is not there: whoever keeps it says so. */
  | { kind: "absent"; reason: string }
  /** Whoever keeps it did not say: it cannot be reached, or refuses. */
  | { kind: "unreachable"; reason: string };

/** A value that a header may be taken from. */
export interface ValueSource {
  object: SecretObject;
  key: string;
}

/** Where a header's value is looked for, in this order. */
export function sourcesOf({ vault, secretKeyRef }: HeaderFrom, namespace: string): ValueSource[] {
  return [
    ...(vault === undefined ? [] : [{ object: { kind: "vault" as const, namespace, name: vault.path }, key: vault.key }]),
    ...(secretKeyRef === undefined ? [] : [{ object: { kind: "secret" as const, namespace, name: secretKeyRef.name }, key: secretKeyRef.key }]),
  ];
}

/** How sentences name an object. */
export function nameOf({ kind, name }: SecretObject): string {
  return kind === "vault" ? `Vault's ${name}` : `Secret ${name}`;
}

/** What an object is known by in maps. Neither a namespace nor a kind holds a space. */
export function keyOfObject({ kind, namespace, name }: SecretObject): string {
  return `${kind} ${namespace} ${name}`;
}
