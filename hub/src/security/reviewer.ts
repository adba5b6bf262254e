import { type Clock, sleep } from "@sightline/shared";
import { AUTHORIZED_BY_ANNOTATION, type ClusterRegistration, type HTTPMonitor, type Namespace, ObjectError, parseNamespace } from "@sightline/shared/api";
import type { SigningKey } from "@sightline/shared/identity";
import type { AdmissionRequest, AdmissionVerdict, Reviewer } from "../admission/types.ts";
import type { AuditEntry, AuditLog, AuditOutcome } from "../audit/types.ts";
import type { KubeClient } from "../kube/client.ts";
import { unlessNotFound } from "../kube/errors.ts";
import { field, textField } from "../kube/raw.ts";
import { NAMESPACES, objectPath } from "../kube/resources.ts";
import type { Lister } from "../kube/types.ts";
import { parsePlacement } from "../placement/placement.ts";
import { authorised, clustersAsked, leftOutSentence } from "./rights/author-check.ts";
import { type Answerable, changeOf, freshRecord, type MonitorChange, recordPatch, takesBackAcceptance } from "./authorship/change.ts";
import { authenticationFailed, authorizationFailed, policyViolated, rightsUnknown, SecurityError, type SecurityErrorCode, statusOfSecurityError } from "./errors.ts";
import { policyRefusal, type PolicySources } from "./policy/refusal.ts";
import { isRecordable, makeRecord, MAX_IDENTITY } from "./authorship/record.ts";
import type { UseRights } from "./rights/use-rights.ts";

export interface ReviewerOptions extends PolicySources {
  /** For the namespace of a monitor that was made together with it. */
  client: KubeClient;
  registrations: Lister<ClusterRegistration>;
  namespaces: Lister<Namespace>;
  rights: UseRights;
  /** By which records are signed. */
  key: SigningKey;
  /** Public keys whose records count: that key's, and those of former ones. */
  publicKeys: readonly string[];
  audit: AuditLog;
  clock: Clock;
  /** The hub's own user name: what it may do of its own accord is little. */
  hubUser: string;
}

/** How long a review waits for what is being read; the API server waits, too. Milliseconds. */
const READING_LIMIT_MS = 1500;
const LOOK_MS = 50;

const OUTCOME: Record<SecurityErrorCode, AuditOutcome> = { AUTHENTICATION_FAILED: "Unauthorized", AUTHORIZATION_FAILED: "Forbidden", POLICY_VIOLATION: "PolicyViolation", RIGHTS_UNKNOWN: "Forbidden" };

/**
 * Decides who may store what, in the order of the contract: authenticate, authorise, policy, audit. The first webhook
 * reviews whatever record there is already, and signs one; the second, which sees the object as it will be stored, asks
 * for that record. So each change that passes has its line in the audit log, and no record is worth a second change.
 */
export class MonitorReviewer implements Reviewer {
  readonly #options: ReviewerOptions;

  constructor(options: ReviewerOptions) {
    this.#options = options;
  }

  mutate(request: AdmissionRequest, signal: AbortSignal): Promise<AdmissionVerdict> {
    return this.#audited(request, async () => {
      const change = this.#changeIn(request, readable);
      return change === undefined ? { allowed: true } : await this.#review(request, change, signal);
    });
  }

  validate(request: AdmissionRequest, _signal: AbortSignal): Promise<AdmissionVerdict> {
    return this.#audited(request, async () => {
      if (request.kind !== "HTTPMonitor") return await this.#ofPlatform(request);
      const change = this.#changeIn(request, changeOf);
      if (change === undefined || this.#isFresh(request, change)) return { allowed: true };
      throw authorizationFailed("spec or placement were changed after they were reviewed, by another admission webhook say: nobody answers for them", "record");
    });
  }

  /**
   * What of the request somebody has to answer for, or undefined: nothing is changed. The hub itself is no exception: what
   * it writes of a monitor changes nothing that is reviewed.
   * @throws SecurityError for what is refused whoever asks
   */
  #changeIn(request: AdmissionRequest, read: (request: AdmissionRequest) => MonitorChange | undefined): Answerable | undefined {
    if (request.user.name === "") throw authenticationFailed("the API server names no user");
    if (request.kind !== "HTTPMonitor") return undefined;
    const change = read(request);
    if (change === undefined || change.kind === "none") return undefined;
    // Of the record alone: in the second webhook, and when the first is called again after another one.
    if (change.kind === "intent" || this.#isFresh(request, change)) return change;
    throw authorizationFailed(`the annotation ${AUTHORIZED_BY_ANNOTATION} is written by the hub alone: leave it as it is, or empty it to have the monitor reviewed in your name`, "record");
  }

  #isFresh(request: AdmissionRequest, change: Answerable): boolean {
    return freshRecord(request, change, this.#options.publicKeys, this.#options.clock.now()) !== undefined;
  }

  async #review(request: AdmissionRequest, { monitor, subject }: Answerable, signal: AbortSignal): Promise<AdmissionVerdict> {
    const { key, clock, audit } = this.#options;
    const { user } = request;
    await this.#untilKnown(signal);
    if (!isRecordable(user)) throw authorizationFailed(`the groups and extra fields of ${user.name} are longer than can be recorded (${MAX_IDENTITY} bytes)`, "record");
    const parsed = parsePlacement(monitor.metadata.annotations);
    if (!parsed.valid) throw policyViolated(`cluster selection failed: ${parsed.problem}`, "placement");
    const namespace = await this.#namespace(request.namespace);
    const { clusters, leftOut } = await this.#authorise(request, monitor, namespace, signal);
    this.#checkPolicies(request, monitor, namespace);
    await audit.record({ ...entryOf(request), clusters, outcome: "Success" });
    const patch = recordPatch(request.object, makeRecord(key, user, subject, clock.now()));
    return { allowed: true, patch, ...(leftOut.length === 0 ? {} : { warnings: [leftOutSentence(user, leftOut)] }) };
  }

  /** An empty picture would allow what a policy forbids. One that is being read again is most often there at once: nobody need be refused for that. */
  async #untilKnown(signal: AbortSignal): Promise<void> {
    const { registrations, namespaces, monitors, policies, clock } = this.#options;
    const known = (): boolean => [registrations, namespaces, monitors, policies].every(({ synced }) => synced);
    for (let waited = 0; waited < READING_LIMIT_MS && !known() && !signal.aborted; waited += LOOK_MS) await sleep(clock, LOOK_MS, signal);
    if (known()) return;
    throw rightsUnknown("the hub has not read yet what it decides by: try again in a moment");
  }

  async #authorise({ namespace: space, user }: AdmissionRequest, { metadata, status }: HTTPMonitor, namespace: Namespace | undefined, signal: AbortSignal): Promise<ReturnType<typeof authorised>> {
    const { registrations, rights } = this.#options;
    const running = new Set(status?.clusterResults?.map(({ clusterID }) => clusterID));
    const asked = clustersAsked({ metadata: { ...metadata, namespace: space }, registrations: registrations.all(), namespace, running });
    const usable = await rights.usable(user, [...new Set([...asked.named, ...asked.reach])], signal);
    return authorised(user, asked, usable);
  }

  /** @throws SecurityError POLICY_VIOLATION */
  #checkPolicies({ namespace: space }: AdmissionRequest, { metadata, spec }: HTTPMonitor, namespace: Namespace | undefined): void {
    const refused = policyRefusal(this.#options, { metadata: { ...metadata, namespace: space }, spec }, namespace);
    if (refused !== undefined) throw policyViolated(refused.message, refused.rule);
  }

  /** One that was made together with its monitor may not have come through the watch yet. */
  async #namespace(name: string): Promise<Namespace | undefined> {
    const known = this.#options.namespaces.get(name);
    if (known !== undefined) return known;
    const found = await unlessNotFound(this.#options.client.request({ action: `read Namespace ${name}`, method: "GET", path: objectPath(NAMESPACES, { name }) }));
    return found === undefined ? undefined : parseNamespace(found);
  }

  /** Clusters and policies are the platform team's own: RBAC of the API server decides, and the log tells. RBAC lets the hub patch more than it has to. */
  async #ofPlatform(request: AdmissionRequest): Promise<AdmissionVerdict> {
    const { audit, hubUser } = this.#options;
    const { name } = request.user;
    if (name === "") throw authenticationFailed("the API server names no user");
    if (name === hubUser && !takesBackAcceptance(request)) throw authorizationFailed("the hub itself changes nothing of a ClusterRegistration but spec.accepted, from true to false, and nothing of a MonitorPolicy", "hub");
    await audit.record({ ...entryOf(request), outcome: "Success" });
    return { allowed: true };
  }

  /** Makes an answer of a refusal, and tells the audit log first. Whatever else is thrown goes on to the caller. */
  async #audited(request: AdmissionRequest, decide: () => Promise<AdmissionVerdict>): Promise<AdmissionVerdict> {
    try {
      return await decide();
    } catch (error) {
      if (!(error instanceof SecurityError)) throw error;
      const { code, message: reason, rule } = error;
      await this.#options.audit.record({ ...entryOf(request), outcome: OUTCOME[code], reason, ...(rule === undefined ? {} : { rule }) });
      return { allowed: false, code: statusOfSecurityError(code), reason };
    }
  }
}

/** An object that does not follow its schema is refused by the API server itself, in better words, between the two webhooks. */
function readable(request: AdmissionRequest): MonitorChange | undefined {
  try {
    return changeOf(request);
  } catch (error) {
    if (error instanceof ObjectError) return undefined;
    throw error;
  }
}

function entryOf({ operation, user: { name, uid, groups }, kind, namespace, name: object, object: body, oldObject, uid: requestId, dryRun }: AdmissionRequest): Omit<AuditEntry, "outcome"> {
  const metadata = field(body, "metadata");
  const objectUid = textField(field(oldObject, "metadata"), "uid");
  const names = [object, textField(metadata, "name")];
  const resource = { kind, name: names.find((one) => one !== undefined && one !== "") ?? `${textField(metadata, "generateName") ?? ""}*` };
  return {
    operation: operation === "CREATE" ? "create" : "update",
    user: { name, uid, groups },
    resource: { ...resource, ...(namespace === "" ? {} : { namespace }), ...(objectUid === undefined ? {} : { uid: objectUid }) },
    requestId,
    dryRun,
  };
}
