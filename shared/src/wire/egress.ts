/** Where a cluster's agent may connect to: CIDRs, addresses, and host names (exact or `*.suffix`). */
export interface EgressSettings {
  allow: string[];
  deny: string[];
}

const entries = { type: "array", items: { type: "string" } } as const;

export const egressSchema = { type: "object", required: ["allow", "deny"], properties: { allow: entries, deny: entries } } as const;
