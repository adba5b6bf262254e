import type { ObjectMeta } from "@sightline/shared/api";
import { field, textField } from "./raw.ts";
import { keyOf } from "./resources.ts";

/** The little that is read of an object before it is parsed: enough to know which one it is. */
export interface RawMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
}

export interface CacheOptions<T> {
  /** Throws when the value is no T. */
  parse: (value: unknown) => T;
  /** Called for each object that does not parse. */
  refused: (key: string, error: unknown) => void;
  changed: (key: string, object: T | undefined) => void;
}

/**
 * The objects of one kind as last seen. An object that does not parse never stops the rest: its version that did parse
 * stays, and its UID is remembered, since it does exist. Pure, but for the callbacks.
 */
export class ObjectCache<T extends { metadata: ObjectMeta }> {
  readonly #options: CacheOptions<T>;
  readonly #objects = new Map<string, T>();
  readonly #unreadable = new Map<string, string>();

  constructor(options: CacheOptions<T>) {
    this.#options = options;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  all(): T[] {
    return [...this.#objects.values()];
  }

  get size(): number {
    return this.#objects.size;
  }

  /** UIDs of all objects that exist, readable or not. */
  uids(): Set<string> {
    const uids = new Set(this.#unreadable.values());
    for (const { metadata } of this.#objects.values()) uids.add(metadata.uid);
    return uids;
  }

  /** Takes a whole list in: what it does not hold is gone. With `afresh`, also what has the version that is known already. */
  replace(items: readonly unknown[], { afresh }: { afresh: boolean } = { afresh: false }): void {
    const seen = new Set<string>();
    for (const item of items) {
      const meta = rawMeta(item);
      if (meta === undefined) continue;
      seen.add(keyOf(meta));
      this.#set(meta, item, afresh);
    }
    for (const key of [...this.#objects.keys(), ...this.#unreadable.keys()]) if (!seen.has(key)) this.#drop(key);
  }

  set(item: unknown): void {
    const meta = rawMeta(item);
    if (meta !== undefined) this.#set(meta, item, false);
  }

  delete(item: unknown): void {
    const meta = rawMeta(item);
    if (meta !== undefined) this.#drop(keyOf(meta));
  }

  #set(meta: RawMeta, item: unknown, afresh: boolean): void {
    const key = keyOf(meta);
    const before = this.#objects.get(key);
    if (!afresh && before?.metadata.uid === meta.uid && before.metadata.resourceVersion === meta.resourceVersion) return;
    let object: T;
    try {
      object = this.#options.parse(item);
    } catch (error) {
      this.#refuse(key, meta, error);
      return;
    }
    this.#unreadable.delete(key);
    this.#objects.set(key, object);
    this.#options.changed(key, object);
  }

  #refuse(key: string, meta: RawMeta, error: unknown): void {
    this.#unreadable.set(key, meta.uid);
    this.#options.refused(key, error);
    // The version kept is of an object that exists no more when the name was given to another one.
    if (this.#objects.has(key) && this.#objects.get(key)?.metadata.uid !== meta.uid) this.#forget(key);
  }

  #drop(key: string): void {
    this.#unreadable.delete(key);
    if (this.#objects.has(key)) this.#forget(key);
  }

  #forget(key: string): void {
    this.#objects.delete(key);
    this.#options.changed(key, undefined);
  }
}

/** @returns undefined for what is no Kubernetes object at all. */
export function rawMeta(item: unknown): RawMeta | undefined {
  const meta = field(item, "metadata");
  const name = textField(meta, "name");
  const namespace = textField(meta, "namespace");
  const resourceVersion = textField(meta, "resourceVersion");
  if (name === undefined || resourceVersion === undefined) return undefined;
  return { name, ...(namespace === undefined ? {} : { namespace }), uid: textField(meta, "uid") ?? "", resourceVersion };
}

/** The collection's version that an object or a bookmark tells. A bookmark has no name. */
export function resourceVersionOf(item: unknown): string | undefined {
  return textField(field(item, "metadata"), "resourceVersion");
}
