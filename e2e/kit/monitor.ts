import type { HTTPMonitorSpec } from "@sightline/shared/api";

/** An HTTPMonitor as a user writes it. */
export interface MonitorManifest {
  apiVersion: "monitoring.example.com/v1";
  kind: "HTTPMonitor";
  metadata: { name: string; namespace: string; annotations?: Record<string, string> };
  spec: HTTPMonitorSpec;
}

/** A monitor of the given URL; what a test does not care about has a short, working value. */
export function monitor(name: string, spec: HTTPMonitorSpec, options: { namespace?: string; placement?: Record<string, string> } = {}): MonitorManifest {
  const annotations = Object.fromEntries(Object.entries(options.placement ?? {}).map(([key, value]) => [`monitoring.example.com/${key}`, value]));
  return {
    apiVersion: "monitoring.example.com/v1",
    kind: "HTTPMonitor",
    metadata: { name, namespace: options.namespace ?? "default", ...(options.placement === undefined ? {} : { annotations }) },
    spec: { interval: "1s", timeout: "1s", ...spec },
  };
}
