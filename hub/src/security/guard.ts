import { isDeepStrictEqual } from "node:util";
import { AUTHORIZED_BY_ANNOTATION, type ClusterRegistration, type HTTPMonitor, type Namespace } from "@sightline/shared/api";
import { errorFields } from "@sightline/shared/telemetry";
import { keyOf } from "../kube/resources.ts";
import type { Lister } from "../kube/types.ts";
import { inReach } from "../placement/place.ts";
import { parsePlacement, placementHash } from "../placement/placement.ts";
import type { Author } from "../placement/select.ts";
import { applyAgain, type Authority, authorityOf, withIntentOf } from "./authorship/authority.ts";
import type { User } from "./access/authenticate.ts";
import { policyRefusal, type PolicySources } from "./policy/refusal.ts";
import { judgeRecord } from "./authorship/record.ts";
import type { RightsBook } from "./rights/rights-book.ts";
import { RulingNews, type RulingNewsOptions } from "./ruling-news.ts";
import { identityKey, mayUse, USE_RIGHT, type Usable } from "./rights/usable.ts";

/** Why a monitor may not run as it stands. */
export interface Refusal {
  reason: "NotAuthorized" | "PolicyViolation" | "InvalidPlacement";
  /** The contract's sentence. */
  message: string;
  /** Which rule decided. */
  rule: string;
  /** Nothing of it may run; otherwise what was allowed before goes on. */
  withdraw: boolean;
}

/** What the controller may do about a monitor now. */
export interface Ruling {
  /** The monitor, as far as it was allowed: its own spec and placement, or earlier ones. */
  inForce: HTTPMonitor;
  author: Author | undefined;
  refusal: Refusal | undefined;
}

export interface GuardView {
  monitor: HTTPMonitor;
  namespace: Namespace | undefined;
  running: ReadonlySet<string>;
}

/** The controller's own check of every placement. */
export interface MonitorGuard {
  /** Whether it has read what it decides by. */
  readonly ready: boolean;
  /** @throws AuditError when a decision cannot be kept: then nothing is changed. */
  rule(view: GuardView): Promise<Ruling>;
  forget(uid: string): void;
}

export interface GuardOptions extends RulingNewsOptions, PolicySources {
  registrations: Lister<ClusterRegistration>;
  /** Undefined where what nobody reviewed is to be placed: then nobody's rights are looked at. */
  records: { publicKeys: readonly string[]; book: Pick<RightsBook, "usable"> } | undefined;
  /** Whether this hub reviews changes: where none does, to apply a monitor again is no cure. */
  reviews: boolean;
}

/** What the authority of a monitor was judged by. */
interface Judged {
  generation: number;
  placement: string;
  /** Of the record. */
  text: string | undefined;
}

interface Known {
  judged: Judged;
  authority: Authority;
  /** Text of the last valid record: shared with the object that carried it. */
  lastValid: string | undefined;
}

/** Rules by the record that a monitor carries, its author's rights, and the policies of its namespace. */
export class RecordGuard implements MonitorGuard {
  readonly #options: GuardOptions;
  readonly #news: RulingNews;
  readonly #known = new Map<string, Known>();
  readonly #authors = new Map<string, User>();

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#news = new RulingNews(options);
  }

  get ready(): boolean {
    const { policies, monitors } = this.#options;
    return policies.synced && monitors.synced;
  }

  /** UIDs of the monitors of these authors. */
  monitorsOf(authors: ReadonlySet<string>): Set<string> {
    return new Set([...this.#known].filter(([, { authority }]) => authority.kind !== "none" && authors.has(identityKey(authority.author))).map(([uid]) => uid));
  }

  /** Everybody in whose name a monitor runs. */
  authors(): Set<string> {
    const inUse = new Set([...this.#known.values()].flatMap(({ authority }) => (authority.kind === "none" ? [] : [identityKey(authority.author)])));
    for (const key of this.#authors.keys()) if (!inUse.has(key)) this.#authors.delete(key);
    return inUse;
  }

  async rule(view: GuardView): Promise<Ruling> {
    const { monitor } = view;
    if (this.#options.records === undefined) {
      const ruling: Ruling = { inForce: monitor, author: undefined, refusal: this.#policyRefusal(view, monitor) };
      await this.#news.tell(view, ruling, []);
      return ruling;
    }
    const authority = this.#authority(monitor);
    const inForce = authority.kind === "earlier" ? withIntentOf(monitor, authority.intent) : monitor;
    const reach = authority.kind === "none" ? [] : inReach({ metadata: inForce.metadata, registrations: this.#options.registrations.all(), namespace: view.namespace, running: view.running });
    const author = authority.kind === "none" ? undefined : { name: authority.author.name, usable: await this.#usable(authority, reach, view) };
    const cure = cureOf(monitor, this.#options);
    const refusal = unreadable(unknown(authority, cure), monitor) ?? this.#policyRefusal(view, inForce) ?? unreadable(unreviewed(authority, cure), monitor) ?? unusable(author, reach);
    const ruling: Ruling = { inForce, author, refusal };
    await this.#news.tell(view, ruling, reach);
    return ruling;
  }

  forget(uid: string): void {
    this.#known.delete(uid);
    this.#news.forget(uid);
  }

  /** Judging a signature takes longer than all the rest: it is judged once for each change. */
  #authority(monitor: HTTPMonitor): Authority {
    const { uid, generation = 0, annotations } = monitor.metadata;
    const judged: Judged = { generation, placement: placementHash(annotations), text: annotations?.[AUTHORIZED_BY_ANNOTATION] };
    const before = this.#known.get(uid);
    if (before !== undefined && isDeepStrictEqual(before.judged, judged)) return before.authority;
    const judgement = judgeRecord(monitor, this.#options.records?.publicKeys ?? []);
    const authority = this.#shared(authorityOf(judgement, before?.lastValid));
    this.#known.set(uid, { judged, authority, lastValid: judgement.kind === "valid" ? judged.text : before?.lastValid });
    return authority;
  }

  /** One object for each author: most monitors have few. */
  #shared(authority: Authority): Authority {
    if (authority.kind === "none") return authority;
    const key = identityKey(authority.author);
    const author = this.#authors.get(key) ?? authority.author;
    this.#authors.set(key, author);
    return { ...authority, author };
  }

  /** While the API server does not say, what runs goes on, and nothing new begins. */
  async #usable({ author, recordedAt }: Exclude<Authority, { kind: "none" }>, reach: readonly string[], { monitor, running }: GuardView): Promise<Usable> {
    const { records, logger } = this.#options;
    try {
      return (await records?.book.usable(author, reach, recordedAt)) ?? running;
    } catch (error) {
      logger.warn("Rights are not known now, what runs goes on", { key: keyOf(monitor.metadata), user: author.name, ...errorFields(error) });
      return running;
    }
  }

  #policyRefusal({ namespace }: GuardView, monitor: HTTPMonitor): Refusal | undefined {
    const refused = policyRefusal(this.#options, monitor, namespace);
    return refused === undefined ? undefined : { ...refused, reason: "PolicyViolation", withdraw: true };
  }
}

/** What nobody reviewed may be unreadable too: that is the better reason, since it is the one to mend. */
function unreadable(refusal: Refusal | undefined, { metadata }: HTTPMonitor): Refusal | undefined {
  const parsed = parsePlacement(metadata.annotations);
  return refusal === undefined || parsed.valid ? refusal : { ...refusal, reason: "InvalidPlacement", message: parsed.problem };
}

function cureOf(monitor: HTTPMonitor, { reviews }: Pick<GuardOptions, "reviews">): string {
  return reviews ? applyAgain(monitor) : `this hub reviews nothing: start the hubs with --webhook-listen, then ${applyAgain(monitor)}`;
}

function unknown(authority: Authority, cure: string): Refusal | undefined {
  if (authority.kind !== "none") return undefined;
  return { reason: "NotAuthorized", message: `authorization failed: ${authority.problem}, so nothing of it runs; ${cure}`, rule: "record", withdraw: true };
}

function unreviewed(authority: Authority, cure: string): Refusal | undefined {
  if (authority.kind !== "earlier") return undefined;
  return { reason: "NotAuthorized", message: `authorization failed: ${authority.problem}, so what ran before goes on; ${cure}`, rule: "record", withdraw: false };
}

/** None is left: then it is not placement that chose nothing. */
function unusable(author: Author | undefined, reach: readonly string[]): Refusal | undefined {
  if (author === undefined || reach.length === 0 || reach.some((cluster) => mayUse(author.usable, cluster))) return undefined;
  return { reason: "NotAuthorized", message: `authorization failed: ${author.name}, who asked for the monitor, may not use any cluster that its placement selects (${USE_RIGHT})`, rule: "use", withdraw: false };
}
