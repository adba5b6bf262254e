/** One thing that must hold before the hub does its work. */
export interface ReadinessCheck {
  name: string;
  /** Undefined when it holds; otherwise a sentence that says what is missing. */
  missing(): string | undefined;
}

export interface Readiness {
  ready: boolean;
  /** What is not ready, by name; empty when all is. */
  missing: Record<string, string>;
}

/** Asks every check: `/readyz` names all that is missing, not only the first. */
export function assessReadiness(checks: readonly ReadinessCheck[]): Readiness {
  const missing: Record<string, string> = {};
  for (const check of checks) {
    const sentence = check.missing();
    if (sentence !== undefined) missing[check.name] = sentence;
  }
  return { ready: Object.keys(missing).length === 0, missing };
}
