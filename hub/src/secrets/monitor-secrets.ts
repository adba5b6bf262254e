import { contentHash } from "@sightline/shared";
import type { ClusterRegistration, ConditionState, HTTPMonitor } from "@sightline/shared/api";
import type { Assignment, SealedHeader } from "@sightline/shared/wire";
import type { AssignmentWriter } from "../assignments/types.ts";
import type { Lister } from "../kube/types.ts";
import type { SecretBook } from "./book.ts";
import { type HeaderValue, secretsState, valueOf } from "./decide.ts";
import type { SecretSealer } from "./sealer.ts";
import { type HeaderFrom, type Reading, sourcesOf } from "./sources.ts";

export interface MonitorSecretsOptions {
  book: Pick<SecretBook, "use" | "reading" | "forget">;
  sealer: SecretSealer;
  registrations: Pick<Lister<ClusterRegistration>, "get">;
  /** What is stored of earlier times. */
  assignments: Pick<AssignmentWriter, "sealedHeaders">;
}

/** What a monitor's clusters are to hold, and what became of its secrets. */
export interface WithSecrets {
  wanted: ReadonlyMap<string, Assignment>;
  secrets: ConditionState<"SecretsResolved">;
}

/** The values of one monitor's headers, as they are known now. */
export type HeaderValues = readonly (HeaderValue & { origin: string })[];

/** Gives each cluster's assignment the values of the monitor's secret headers, sealed to that cluster's agent. */
export class MonitorSecrets {
  readonly #options: MonitorSecretsOptions;

  constructor(options: MonitorSecretsOptions) {
    this.#options = options;
  }

  /** The values of a monitor's headers; undefined while a source is read for the first time. */
  valuesOf({ metadata, spec }: HTTPMonitor): HeaderValues | undefined {
    const { book } = this.#options;
    const namespace = metadata.namespace ?? "";
    const headers = spec.headersFrom ?? [];
    const objects = headers.flatMap((header) => sourcesOf(header, namespace)).map(({ object }) => object);
    book.use(metadata.uid, objects);
    if (objects.some((object) => book.reading(object) === undefined)) return undefined;
    const readingOf = (object: (typeof objects)[number]): Reading => book.reading(object) ?? { kind: "unreachable", reason: "has not been read" };
    return headers.map((header) => ({ ...valueOf(header, namespace, readingOf), origin: originOf(header, namespace) }));
  }

  /** The assignments with their sealed headers. What cannot be had is left out: its agent sends nothing then, and says why. */
  seal({ metadata }: HTTPMonitor, wanted: ReadonlyMap<string, Assignment>, values: HeaderValues): WithSecrets {
    const kept = new Set(values.filter(({ kind }) => kind === "unreachable").map(({ name }) => name));
    const keyless: string[] = [];
    const given = new Map<string, Assignment>();
    for (const [cluster, assignment] of wanted) {
      const recipient = this.#options.registrations.get(cluster)?.status?.sealingKey;
      const sealedHeaders = recipient === undefined ? [] : this.#sealedFor(cluster, recipient, { uid: metadata.uid, values });
      if (recipient === undefined) keyless.push(cluster);
      for (const name of kept) if (!sealedHeaders.some((header) => header.name === name)) kept.delete(name);
      given.set(cluster, sealedHeaders.length === 0 ? assignment : { ...assignment, sealedHeaders });
    }
    const state = secretsState({ values, kept, keyless });
    return { wanted: given, secrets: { type: "SecretsResolved", observedGeneration: metadata.generation ?? 0, ...state } };
  }

  /** Ends everything that is kept for a monitor, its values in memory above all. */
  forget(uid: string): void {
    this.#options.book.forget(uid);
    this.#options.sealer.forget(uid);
  }

  #sealedFor(cluster: string, recipient: string, { uid, values }: { uid: string; values: HeaderValues }): SealedHeader[] {
    const { sealer, assignments } = this.#options;
    const stored = assignments.sealedHeaders(cluster, uid);
    return values.flatMap((value) => {
      const { name, origin } = value;
      const toSeal = { place: { cluster, uid, name }, recipient, origin, stored: stored.find((header) => header.name === name) };
      if (value.kind === "resolved") return [sealer.seal(toSeal, value.value)];
      return value.kind === "unreachable" ? (sealer.keep(toSeal) ?? []) : [];
    });
  }
}

/** What was kept of one source is never sent for another one: not even when a monitor exchanges it while Vault is down. */
function originOf({ vault, secretKeyRef }: HeaderFrom, namespace: string): string {
  return contentHash([namespace, vault ?? null, secretKeyRef ?? null]);
}
