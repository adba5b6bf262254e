import type { ObjectMeta } from "@sightline/shared/api";
import { keyOf } from "../kube/resources.ts";
import type { ObservableLister } from "../kube/types.ts";

/** A lister whose objects a test puts there. */
export class FixedLister<T extends { metadata: ObjectMeta }> implements ObservableLister<T> {
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<(key: string, object: T | undefined) => void>();
  synced = true;

  constructor(objects: readonly T[] = []) {
    for (const object of objects) this.set(object);
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

  set(object: T): void {
    const key = keyOf(object.metadata);
    this.#objects.set(key, object);
    for (const listener of this.#listeners) listener(key, object);
  }

  delete(key: string): void {
    this.#objects.delete(key);
    for (const listener of this.#listeners) listener(key, undefined);
  }

  onChange(listener: (key: string, object: T | undefined) => void): () => void {
    this.#listeners.add(listener);
    for (const [key, object] of this.#objects) listener(key, object);
    return () => void this.#listeners.delete(listener);
  }
}
