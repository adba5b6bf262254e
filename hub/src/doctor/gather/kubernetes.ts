import type { Clock } from "@sightline/shared";
import { parseClusterRegistration, parseHTTPMonitor } from "@sightline/shared/api";
import { DEFINITIONS, HUB_RULES } from "@sightline/shared/installation";
import { type KubeClient } from "../../kube/client.ts";
import { KubeError, unlessNotFound } from "../../kube/errors.ts";
import { HUB_LEASE, LeaseStore } from "../../kube/leases.ts";
import { field, textField } from "../../kube/raw.ts";
import { CLUSTER_REGISTRATIONS, HTTP_MONITORS, objectPath, type Resource } from "../../kube/resources.ts";
import type { KubernetesFacts, LeaseReading } from "../facts.ts";
import type { Unseen } from "../finding.ts";
import { type HttpClock, httpClock } from "./http-clock.ts";
import { look, unseen } from "./looking.ts";
import { listParsed } from "./objects.ts";
import { deniedOf, permissionsOf } from "./permissions.ts";
import { readWebhooks } from "./webhooks.ts";

const DEFINITION: Resource = {
  apiVersion: "apiextensions.k8s.io/v1",
  name: "customresourcedefinition",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
};

export interface KubernetesLook {
  /** @throws KubeError when the kubeconfig cannot be read. */
  open: () => KubeClient;
  clock: Clock;
  hubNamespace: string;
  /** How long a list may take. Milliseconds. */
  timeoutMs: number;
}

/** Looks at the hub's API server. Never throws: what cannot be seen says why. */
export async function lookAtKubernetes({ open, clock, hubNamespace, timeoutMs }: KubernetesLook): Promise<KubernetesFacts> {
  const opened = await look((async () => open())());
  const time = httpClock(clock);
  if (!opened.seen) return nothing(opened);
  const client = opened.value;
  const server = await look(readVersion(client, time));
  if (!server.seen) return nothing(server);
  const permissions = permissionsOf(HUB_RULES, hubNamespace);
  const [definitions, denied, lease, webhooks, registrations, monitors] = await Promise.all([
    look(readDefinitions(client)),
    look(deniedOf(client, permissions, hubNamespace).then((list) => ({ asked: permissions.length, denied: list }))),
    look(readLease(new LeaseStore(client, { namespace: hubNamespace, name: HUB_LEASE }), { clock, timeoutMs })),
    look(readWebhooks(client)),
    look(listParsed(client, CLUSTER_REGISTRATIONS, parseClusterRegistration)),
    look(listParsed(client, HTTP_MONITORS, parseHTTPMonitor)),
  ]);
  return { server, definitions, denied, lease, webhooks, registrations, monitors, clock: time.reading() };
}

function nothing(server: Unseen): KubernetesFacts {
  const rest: Unseen = unseen("the API server cannot be reached");
  return { server, definitions: rest, denied: rest, lease: rest, webhooks: rest, registrations: rest, monitors: rest, clock: rest };
}

async function readVersion(client: KubeClient, time: HttpClock): Promise<string> {
  // The first answer comes after a TLS handshake: the second one tells the time more closely.
  await client.request({ action: "reach the API server", method: "GET", path: "/version" });
  time.asks();
  const answer = await client.request({ action: "reach the API server", method: "GET", path: "/version", answered: (headers) => time.answered(headers["date"]) });
  const version = textField(answer, "gitVersion");
  if (version === undefined) throw new KubeError("UNAVAILABLE", "what answers is no Kubernetes API server");
  return version;
}

async function readLease(store: LeaseStore, { clock, timeoutMs }: Pick<KubernetesLook, "clock" | "timeoutMs">): Promise<LeaseReading> {
  const readAt = clock.now();
  return { readAt, stored: await store.read(timeoutMs) };
}

async function readDefinitions(client: KubeClient): Promise<Map<string, unknown>> {
  const read = async (name: string): Promise<readonly [string, unknown]> => {
    const found = await unlessNotFound(client.request({ action: `read CRD ${name}`, method: "GET", path: objectPath(DEFINITION, { name }) }));
    return [name, field(found, "spec")];
  };
  return new Map(await Promise.all(DEFINITIONS.map(({ name }) => read(name))));
}
