import type { ClusterRegistration } from "@sightline/shared/api";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Lister } from "../kube/types.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { NotProbedChecks } from "./not-probed.ts";

interface MetricSources {
  heartbeats: Pick<Heartbeats, "get">;
  notProbed: Pick<NotProbedChecks, "count">;
}

/** Metrics of the clusters. Series of a deleted cluster go away, since they are made at each scrape. */
export class RegistrationMetrics {
  readonly #heartbeats: Counter<"outcome">;

  constructor(registry: Registry, registrations: Lister<ClusterRegistration>, { heartbeats, notProbed }: MetricSources) {
    this.#heartbeats = new Counter({ name: "sightline_heartbeats_total", help: "Heartbeats by what became of them.", labelNames: ["outcome"], registers: [registry] });
    const available = new Gauge({
      name: "sightline_cluster_available",
      help: "1 where the cluster's agent reports, 0 where it is silent or never reported.",
      labelNames: ["cluster", "region"],
      registers: [registry],
      collect: () => {
        available.reset();
        for (const { metadata, spec } of registrations.all()) {
          const liveness = heartbeats.get(metadata.name);
          const there = liveness?.available === true && liveness.lastHeartbeatAt !== undefined;
          available.set({ cluster: metadata.name, region: spec.region ?? "" }, there ? 1 : 0);
        }
      },
    });
    const skipped = new Gauge({
      name: "sightline_cluster_checks_not_probed",
      help: "Checks that the cluster's agent reports as not probed: it is overloaded, or cannot read them.",
      labelNames: ["cluster", "region"],
      registers: [registry],
      collect: () => {
        skipped.reset();
        for (const { metadata, spec } of registrations.all()) skipped.set({ cluster: metadata.name, region: spec.region ?? "" }, notProbed.count(metadata.name));
      },
    });
  }

  heartbeat(outcome: "accepted" | "outdated" | "refused" | "invalid"): void {
    this.#heartbeats.inc({ outcome });
  }
}
