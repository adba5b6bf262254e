import type { MonitorGuard } from "../security/guard.ts";

/** A guard that has nothing against anybody. */
export const OPEN_GUARD: MonitorGuard = {
  ready: true,
  rule: ({ monitor }) => Promise.resolve({ inForce: monitor, author: undefined, refusal: undefined }),
  forget: () => undefined,
};
