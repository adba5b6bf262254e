import type { Check } from "@sightline/shared/wire";
import type { MonitorPlan } from "./plan.ts";

/** A check and its identity. */
type Announced = Pick<MonitorPlan, "check" | "checkHash">;

/** The plans in force, by monitor UID. One writer (the httpmonitor controller), many readers. */
export class PlanRegistry {
  readonly #plans = new Map<string, MonitorPlan>();
  readonly #announced = new Map<string, Announced>();
  readonly #byName = new Map<string, string>();

  /** Announces the check of a change before it is committed, since an agent's first result may be faster than the commit's answer. */
  announce(uid: string, { check, checkHash }: Announced): void {
    this.#announced.set(uid, { check, checkHash });
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
    return this.checkOf(uid, checkHash) !== undefined;
  }

  /** The check of that identity, when it is or is about to be in force. */
  checkOf(uid: string, checkHash: string): Check | undefined {
    const plan = this.#plans.get(uid);
    if (plan?.checkHash === checkHash) return plan.check;
    const announced = this.#announced.get(uid);
    return announced?.checkHash === checkHash ? announced.check : undefined;
  }
}

function nameKey({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}
