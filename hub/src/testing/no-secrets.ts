import type { MonitorSecrets } from "../secrets/monitor-secrets.ts";

/** For monitors without `headersFrom`. */
export const NO_SECRETS: Pick<MonitorSecrets, "valuesOf" | "seal"> = {
  valuesOf: () => [],
  seal: ({ metadata }, wanted) => ({ wanted, secrets: { type: "SecretsResolved", status: "True", reason: "NoSecrets", message: "", observedGeneration: metadata.generation ?? 0 } }),
};
