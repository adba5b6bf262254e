import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import { type Check, type Phases, type ProbeResult, statusMatches, unexpectedStatusMessage } from "@sightline/shared/wire";
import { type Clock, formatDuration } from "@sightline/shared";
import { classify, type FailurePlace, type Stage, timeoutError } from "./classify.ts";
import type { DialContext, DialReport } from "./dial.ts";
import { EgressGuard } from "./egress/guard.ts";
import { ProbeError } from "./errors.ts";
import { type Answer, exchange } from "./exchange.ts";
import { headerOf, type OwnHeaders, requestHeaders } from "./headers.ts";
import { KeptConnection } from "./kept-connection.ts";
import { firstHop, type Hop, isRedirect, nextHop } from "./redirect.ts";
import { scrubbed, secretsOf } from "../secrets/scrub.ts";
import type { SecretValues } from "../secrets/secret-headers.ts";
import { ProbeScope } from "./scope.ts";
import { endpointOf, placeOf } from "./target.ts";

/** What a probe found: the part of a result that the target decides. */
export type ProbeOutcome = Pick<ProbeResult, "success" | "statusCode" | "durationMs" | "phases" | "error" | "certificateExpiresAt">;

export interface ProbeRequest {
  /** Whose kept connection is used, when the check keeps one. */
  uid: string;
  check: Check;
  own: OwnHeaders;
  /** Absent: the check has no secret headers. */
  secrets?: SecretValues;
}

export interface Probe {
  /** Never rejects. Undefined when the probe was cancelled. */
  outcome: Promise<ProbeOutcome | undefined>;
  cancel(): void;
}

export interface ProberOptions {
  clock: Clock;
  /** Whom to trust; by default Node's authorities and those of NODE_EXTRA_CA_CERTS. */
  secureContext?: SecureContext;
  /** Where probes may go to; by default everywhere but where none ever may. */
  egress?: EgressGuard;
  /** Resolves names; by default as the system does. */
  lookup?: LookupFunction;
}

/** Makes probes. One for the whole agent. */
export class Prober {
  readonly #context: DialContext;
  readonly #kept = new Map<string, KeptConnection>();

  constructor({ clock, lookup = systemLookup, egress = new EgressGuard(), secureContext = createSecureContext() }: ProberOptions) {
    this.#context = { clock, lookup, egress, secureContext };
  }

  probe(request: ProbeRequest): Probe {
    const kept = request.check.connection === "Reuse" ? this.#keptConnection(request.uid) : undefined;
    return new ProbeRun(this.#context, request, kept).start();
  }

  /** Closes the connection that was kept for a check. */
  forget(uid: string): void {
    this.#kept.get(uid)?.destroy();
    this.#kept.delete(uid);
  }

  /** Closes the kept connections to where nothing may go any more. */
  dropDenied(): void {
    for (const kept of this.#kept.values()) kept.dropDenied(this.#context.egress);
  }

  close(): void {
    for (const uid of this.#kept.keys()) this.forget(uid);
  }

  #keptConnection(uid: string): KeptConnection {
    const known = this.#kept.get(uid) ?? new KeptConnection();
    this.#kept.set(uid, known);
    return known;
  }
}

/** One probe: its hops, its time, and what was measured so far, so that a failure keeps what it saw. */
class ProbeRun {
  readonly #context: DialContext;
  readonly #request: ProbeRequest;
  readonly #kept: KeptConnection | undefined;
  readonly #scope: ProbeScope;
  readonly #startedAt: number;
  readonly #phases: Phases = {};
  #stage: Stage = "dns";
  /** Undefined before the first request. */
  #hop: Hop | undefined;
  #statusCode = 0;
  #certificateExpiresAt: number | undefined;
  #cancelled = false;

  constructor(context: DialContext, request: ProbeRequest, kept: KeptConnection | undefined) {
    this.#context = context;
    this.#request = request;
    this.#kept = kept;
    this.#startedAt = context.clock.monotonic();
    this.#scope = new ProbeScope(context.clock, request.check.timeoutMs, () => timeoutError(this.#place()));
  }

  start(): Probe {
    return {
      outcome: this.#run(),
      cancel: () => {
        this.#cancelled = true;
        this.#scope.abort(new ProbeError("CONNECTION_CLOSED"));
      },
    };
  }

  async #run(): Promise<ProbeOutcome | undefined> {
    let error: ProbeError | undefined;
    try {
      error = this.#judge(await this.#follow());
    } catch (thrown) {
      error = classify(thrown, this.#place());
    }
    this.#scope.close();
    return this.#cancelled ? undefined : this.#outcome(error);
  }

  /** Sends the request, and those that redirects ask for. */
  async #follow(): Promise<Answer> {
    const { redirects } = this.#request.check;
    let hop = firstHop(this.#request.check, this.#secretHeaders());
    for (let followed = 0; ; followed++) {
      this.#hop = hop;
      const answer = await this.#send(hop);
      const next = redirects.follow ? nextHop(hop, answer) : undefined;
      if (next === undefined) return answer;
      if (followed >= redirects.max) throw new ProbeError("TOO_MANY_REDIRECTS", { max: String(redirects.max) });
      hop = next;
    }
  }

  /** Without one of them nothing is sent: the target would answer something else. */
  #secretHeaders(): Readonly<Record<string, string>> {
    const { secrets = { values: {} } } = this.#request;
    if ("problem" in secrets) throw new ProbeError("SECRET_UNAVAILABLE", { sentence: secrets.problem });
    return secrets.values;
  }

  /** A result goes where many may read it. */
  #publicMessage({ message }: ProbeError): string {
    const { check, secrets } = this.#request;
    return scrubbed(message, secretsOf(check.headers, secrets !== undefined && "values" in secrets ? secrets.values : {}));
  }

  async #send(hop: Hop): Promise<Answer> {
    const { url, method, headers, body } = hop;
    const report: DialReport = {};
    try {
      const answer = await exchange(this.#context, {
        dialling: { endpoint: endpointOf(url, headerOf(headers, "host")), timeoutMs: this.#request.check.timeoutMs, scope: this.#scope, report, onStage: (stage) => (this.#stage = stage) },
        method,
        path: `${url.pathname}${url.search}`,
        headers: requestHeaders(headers, url, this.#request.own),
        body,
        ...(this.#kept === undefined ? {} : { kept: this.#kept }),
        onHead: (head) => {
          this.#statusCode = head.statusCode;
          return !this.#request.check.redirects.follow || !isRedirect(head);
        },
      });
      this.#book({ firstByte: answer.firstByteMs, transfer: answer.transferMs });
      return answer;
    } finally {
      const { certificateExpiresAt, ...phases } = report;
      this.#book(phases);
      if (certificateExpiresAt !== undefined) this.#certificateExpiresAt = Math.min(certificateExpiresAt, this.#certificateExpiresAt ?? Number.POSITIVE_INFINITY);
    }
  }

  #book(phases: Phases): void {
    for (const phase of ["dns", "connect", "tls", "firstByte", "transfer"] as const) {
      const ms = phases[phase];
      if (ms !== undefined) this.#phases[phase] = microseconds((this.#phases[phase] ?? 0) + ms);
    }
  }

  #judge({ statusCode }: Answer): ProbeError | undefined {
    const { expectedStatuses } = this.#request.check;
    if (statusMatches(statusCode, expectedStatuses)) return undefined;
    return new ProbeError("UNEXPECTED_STATUS", { sentence: unexpectedStatusMessage(statusCode, expectedStatuses) });
  }

  #place(): FailurePlace {
    const { timeoutMs } = this.#request.check;
    if (this.#hop === undefined) return { stage: this.#stage, host: "", address: "", timeout: formatDuration(timeoutMs) };
    return placeOf(endpointOf(this.#hop.url, headerOf(this.#hop.headers, "host")), this.#stage, timeoutMs);
  }

  #outcome(error: ProbeError | undefined): ProbeOutcome {
    return {
      success: error === undefined,
      statusCode: this.#statusCode,
      durationMs: microseconds(this.#context.clock.monotonic() - this.#startedAt),
      phases: this.#phases,
      ...(error === undefined ? {} : { error: { code: error.code, message: this.#publicMessage(error) } }),
      ...(this.#certificateExpiresAt === undefined ? {} : { certificateExpiresAt: this.#certificateExpiresAt }),
    };
  }
}

/** Milliseconds to the microsecond: digits beyond are noise that would travel to every reader. */
function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
