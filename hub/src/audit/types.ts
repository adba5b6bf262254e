/** What a decision came to, as docs/operate/audit.md says. `Success` is said before what it permits is done. */
export type AuditOutcome = "Success" | "Unauthorized" | "Forbidden" | "PolicyViolation";

/** The operations that the hub decides on itself; a request to a listener has its HTTP method for one, in lower case. */
export type AuditOperation = "create" | "update" | "reconcile" | "enrol" | "renew" | "accept" | "revoke" | (string & {});

export interface AuditUser {
  name: string;
  uid: string;
  groups: readonly string[];
}

export interface AuditResource {
  /** Of a Kubernetes object; `Path` where a request's path is what was asked for. */
  kind: string;
  namespace?: string;
  name: string;
  uid?: string;
}

/**
 * One decision about who may do what. It names objects and rules, and never holds a header's value, a body or a token;
 * what looks like a URL loses its query and its user info on the way to the log.
 */
export interface AuditEntry {
  operation: AuditOperation;
  user: AuditUser;
  resource: AuditResource;
  clusters?: readonly string[];
  outcome: AuditOutcome;
  /** Which rule decided: a policy's name and field, a right, a check. */
  rule?: string;
  /** The sentence that the asker was told. */
  reason?: string;
  /** Taken from the request or span that is being served when it is left out. */
  requestId?: string;
  traceId?: string;
  dryRun?: boolean;
  /** Of how many decisions alike this is the last, where they are too many for a line each. */
  count?: number;
}

export interface AuditLog {
  /**
   * Resolves when the entry is on disk: only then may the decision be answered.
   * @throws AuditError AUDIT_UNAVAILABLE when it cannot be kept: nothing may be permitted then.
   */
  record(entry: AuditEntry): Promise<void>;
  /** Writes what is waiting, and ends the chain by an anchor. Nothing is recorded afterwards. */
  close(): Promise<void>;
}
