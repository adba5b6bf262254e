import { messageOf } from "@sightline/shared";
import type { Looked, Unseen } from "../finding.ts";

/** Awaits one look: a refusal or a time-out becomes the reason why it was not seen. */
export async function look<T>(asked: Promise<T>): Promise<Looked<T>> {
  try {
    return { seen: true, value: await asked };
  } catch (error) {
    return { seen: false, why: withoutNodesAdvice(messageOf(error)), tried: true };
  }
}

/** Node names a flag of its own where it does not know an authority: none that doctor takes. */
function withoutNodesAdvice(message: string): string {
  return message.replace(/;? ?if the root CA is installed locally, try running Node\.js with --use-system-ca/, "");
}

/** Nobody asked for it, or what it depends on was not seen. */
export function unseen(why: string): Unseen {
  return { seen: false, why, tried: false };
}

/** Looks by what was seen before; without it, the reason is the same. */
export async function lookWith<T, U>(before: Looked<T>, next: (value: T) => Promise<U>): Promise<Looked<U>> {
  return before.seen ? look(next(before.value)) : unseen(before.why);
}
