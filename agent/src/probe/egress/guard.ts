import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import type { EgressSettings } from "@sightline/shared/wire";
import { ProbeError } from "../errors.ts";
import type { Protection } from "./protected.ts";
import { compileRules, denied, type EgressRules } from "./rules.ts";

const NO_RULES: EgressSettings = { allow: [], deny: [] };

/** Says where connections may go to: by what is never reached, and by the rules of the cluster as they are at that moment. */
export class EgressGuard {
  #settings = NO_RULES;
  #own: readonly Protection[] = [];
  #rules: EgressRules = compileRules(NO_RULES);

  /** Puts the cluster's rules into force. */
  follow(settings: EgressSettings = NO_RULES): void {
    this.#settings = settings;
    this.#compile();
  }

  /** Keeps the agent's own surroundings out of reach too. */
  protect(own: readonly Protection[]): void {
    this.#own = own;
    this.#compile();
  }

  /**
   * Why no connection may go to a host, as the URL names it, or to an address to which it led.
   * @returns TARGET_DENIED, or undefined when it may.
   */
  denies(host: string, address: string | undefined): ProbeError | undefined {
    const sentence = denied(this.#rules, host, address);
    return sentence === undefined ? undefined : new ProbeError("TARGET_DENIED", { sentence });
  }

  #compile(): void {
    this.#rules = compileRules(this.#settings, this.#own);
  }
}

/**
 * A lookup for sockets that gives only addresses to which connections may go, and fails with TARGET_DENIED when there is
 * none. The socket dials what this gives: nobody can answer differently in between.
 */
export function guardedLookup(lookup: LookupFunction, egress: EgressGuard): LookupFunction {
  return (host, options, callback) => {
    lookup(host, options, (error, found, family) => {
      if (error !== null) return callback(error, found, family);
      const { allowed, refusal } = sift(egress, host, typeof found === "string" ? [{ address: found, family: family ?? 0 }] : found);
      if (allowed.length === 0 && refusal !== undefined) callback(refusal, []);
      else callback(null, typeof found === "string" ? found : allowed, family);
    });
  };
}

function sift(egress: EgressGuard, host: string, found: readonly LookupAddress[]): { allowed: LookupAddress[]; refusal: ProbeError | undefined } {
  const judged = found.map((candidate) => ({ candidate, refusal: egress.denies(host, candidate.address) }));
  return {
    allowed: judged.filter(({ refusal }) => refusal === undefined).map(({ candidate }) => candidate),
    refusal: judged.find(({ refusal }) => refusal !== undefined)?.refusal,
  };
}
