import type { HTTPMonitor, MonitorPolicy, Namespace } from "@sightline/shared/api";
import type { Lister } from "../../kube/types.ts";
import type { CheckDefaults } from "../../monitors/check.ts";
import { olderMonitors } from "./older-monitors.ts";
import { violationsOf } from "./violations.ts";

/** By what a monitor is checked against the policies: the same at admission and at every placement. */
export interface PolicySources {
  policies: Lister<MonitorPolicy>;
  monitors: Lister<HTTPMonitor>;
  defaults: CheckDefaults;
}

/** What the policies do not allow of a monitor: all of it in one sentence, and the first rule; undefined when they allow it. */
export function policyRefusal({ policies, monitors, defaults }: PolicySources, { metadata, spec }: Pick<HTTPMonitor, "metadata" | "spec">, namespace: Namespace | undefined): { message: string; rule: string } | undefined {
  const all = policies.all();
  // Most policies count nothing: then nobody need look at every monitor.
  const counts = all.some((policy) => policy.spec.allow.maxMonitors !== undefined);
  const violations = violationsOf(all, {
    spec,
    namespace: metadata.namespace ?? "",
    namespaceLabels: namespace === undefined ? undefined : (namespace.metadata.labels ?? {}),
    olderMonitors: counts ? olderMonitors(monitors.all(), metadata) : 0,
    defaults,
  });
  const [first] = violations;
  return first === undefined ? undefined : { message: violations.map(({ message }) => message).join("; "), rule: `MonitorPolicy ${first.policy} ${first.field}` };
}
