import type { Clock } from "@sightline/shared";
import { hubUserName } from "@sightline/shared/api";
import type { Logger } from "@sightline/shared/telemetry";
import type { Reviewer } from "../admission/types.ts";
import type { AuditLog } from "../audit/types.ts";
import type { HubConfig } from "../config.ts";
import type { HubKeys } from "../identity/hub-keys.ts";
import type { EventNote } from "../kube/events.ts";
import type { ControllerMetrics } from "../kube/metrics.ts";
import type { CheckDefaults } from "../monitors/check.ts";
import { type MonitorGuard, RecordGuard } from "./guard.ts";
import { RbacWatch } from "./rights/rbac-watch.ts";
import { MonitorReviewer, type ReviewerOptions } from "./reviewer.ts";
import { RightsBook } from "./rights/rights-book.ts";
import { reviewedUseRights } from "./rights/use-rights.ts";

export interface SecurityOptions {
  config: Pick<HubConfig, "defaultIntervalMs" | "defaultTimeoutMs" | "leaseNamespace" | "webhook" | "placeUnreviewed">;
  keys: Pick<HubKeys, "signing">;
  /** Not fenced: asking for a right is a POST, and changes nothing. */
  kubernetes: Pick<ReviewerOptions, "client" | "monitors" | "registrations" | "namespaces" | "policies">;
  audit: AuditLog;
  clock: Clock;
}

/** The review of what users change, the same in every replica. */
export function makeReviewer({ config, keys: { signing }, kubernetes, audit, clock }: SecurityOptions): Reviewer {
  const rights = reviewedUseRights({ client: kubernetes.client, clock });
  return new MonitorReviewer({ ...kubernetes, rights, key: signing, publicKeys: [signing.publicKey], audit, clock, defaults: defaultsOf(config), hubUser: hubUserName(config.leaseNamespace) });
}

export interface WorkSecurityOptions extends SecurityOptions {
  random: () => number;
  logger: Logger;
  metrics: ControllerMetrics;
  recordEvent: (note: EventNote) => void;
  /** These monitors are to be looked at again: their authors' rights changed. */
  onChange: (uids: ReadonlySet<string>) => void;
}

/** The leader's own check, and what keeps it fresh. */
export interface WorkSecurity {
  guard: MonitorGuard;
  stop(): Promise<void>;
}

/** A right of many clusters may take longer than a webhook may wait for it. Milliseconds. */
const LIMIT_MS = 30_000;

/**
 * Records are asked for whether or not this hub makes any: one whose webhook was forgotten must not place what nobody
 * reviewed. Only a flag of its own does without them.
 */
export function startGuard(options: WorkSecurityOptions): WorkSecurity {
  const { config, keys, kubernetes, clock, onChange } = options;
  const common = { ...options, ...kubernetes, defaults: defaultsOf(config), hubUser: hubUserName(config.leaseNamespace), reviews: config.webhook !== undefined };
  if (config.placeUnreviewed) return { guard: new RecordGuard({ ...common, records: undefined }), stop: () => Promise.resolve() };
  const rights = reviewedUseRights({ client: kubernetes.client, clock, limitMs: LIMIT_MS, rememberMs: 0 });
  const book: RightsBook = new RightsBook({ ...options, rights, inUse: () => guard.authors(), onChange: (authors) => onChange(guard.monitorsOf(authors)) });
  const guard = new RecordGuard({ ...common, records: { publicKeys: [keys.signing.publicKey], book } });
  const watch = new RbacWatch({ ...options, client: kubernetes.client, onChange: () => void book.reviewAll() });
  book.start();
  watch.start();
  return {
    guard,
    stop: async () => {
      book.stop();
      await watch.stop();
    },
  };
}

function defaultsOf({ defaultIntervalMs: intervalMs, defaultTimeoutMs: timeoutMs }: SecurityOptions["config"]): CheckDefaults {
  return { intervalMs, timeoutMs };
}
