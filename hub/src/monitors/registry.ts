import type { MonitorPlan } from "./plan.ts";

/** The plans in force, by monitor UID. One writer (the httpmonitor controller), many readers. */
export class PlanRegistry {
  readonly #plans = new Map<string, MonitorPlan>();
  readonly #announced = new Map<string, string>();
  readonly #byName = new Map<string, string>();

  /** Announces the check hash of a change before it is committed, since an agent's first result may be faster than the commit's answer. */
  announce(uid: string, checkHash: string): void {
    this.#announced.set(uid, checkHash);
  }

  put(plan: MonitorPlan): void {
    this.#plans.set(plan.uid, plan);
    this.#byName.set(nameKey(plan), plan.uid);
    this.#announced.delete(plan.uid);
  }

  delete(uid: string): void {
    const plan = this.#plans.get(uid);
    if (plan !== undefined && this.#byName.get(nameKey(plan)) === uid) this.#byName.delete(nameKey(plan));
    this.#plans.delete(uid);
    this.#announced.delete(uid);
  }

  get(uid: string): MonitorPlan | undefined {
    return this.#plans.get(uid);
  }

  /** The plan of `namespace/name`. */
  byName(key: string): MonitorPlan | undefined {
    return this.#plans.get(this.#byName.get(key) ?? "");
  }

  all(): IterableIterator<MonitorPlan> {
    return this.#plans.values();
  }

  /** Whether a result of this check belongs to what is, or is about to be, in force. */
  accepts(uid: string, checkHash: string): boolean {
    return this.#plans.get(uid)?.checkHash === checkHash || this.#announced.get(uid) === checkHash;
  }
}

function nameKey({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}
