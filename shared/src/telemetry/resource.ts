import { randomUUID } from "node:crypto";

/** Which program makes the spans. */
export interface Service {
  name: "sightline-hub" | "sightline-agent";
  version: string;
  /** ID of the member cluster, of an agent. */
  cluster?: string;
}

/** Environment variables by which a pod learns about itself (downward API), and the attribute that each becomes. */
const DOWNWARD: Record<string, string> = {
  POD_NAME: "k8s.pod.name",
  POD_UID: "k8s.pod.uid",
  POD_NAMESPACE: "k8s.namespace.name",
  NODE_NAME: "k8s.node.name",
};

/** The resource of all spans of this process, by the semantic conventions (https://opentelemetry.io/docs/specs/semconv/resource/). */
export function resourceAttributes({ name, version, cluster }: Service, env: NodeJS.ProcessEnv): Record<string, string> {
  const attributes: Record<string, string> = { "service.name": name, "service.version": version, "service.instance.id": instanceId(name, env) };
  if (cluster !== undefined) attributes["k8s.cluster.name"] = cluster;
  for (const [variable, attribute] of Object.entries(DOWNWARD)) {
    const value = env[variable];
    if (value !== undefined && value !== "") attributes[attribute] = value;
  }
  return attributes;
}

/** In a pod, what OpenTelemetry's operator would give it: namespace, pod and container. Elsewhere one of its own. */
function instanceId(name: Service["name"], { POD_NAMESPACE, POD_NAME }: NodeJS.ProcessEnv): string {
  return POD_NAMESPACE === undefined || POD_NAME === undefined ? randomUUID() : `${POD_NAMESPACE}.${POD_NAME}.${name}`;
}
