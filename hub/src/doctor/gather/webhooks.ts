import { API_GROUP, API_VERSION } from "@sightline/shared/api";
import type { KubeClient } from "../../kube/client.ts";
import { unlessNotFound } from "../../kube/errors.ts";
import { listAll } from "../../kube/list-pages.ts";
import { field, listField, textField } from "../../kube/raw.ts";
import { objectPath, type Resource } from "../../kube/resources.ts";
import type { Webhook } from "../facts.ts";
import type { Looked } from "../finding.ts";
import { look, unseen } from "./looking.ts";

const ADMISSION = { apiVersion: "admissionregistration.k8s.io/v1", namespaced: false };
const CONFIGURATIONS: readonly Resource[] = [
  { ...ADMISSION, name: "validatingwebhookconfiguration", kind: "ValidatingWebhookConfiguration", plural: "validatingwebhookconfigurations" },
  { ...ADMISSION, name: "mutatingwebhookconfiguration", kind: "MutatingWebhookConfiguration", plural: "mutatingwebhookconfigurations" },
];
const SERVICES: Resource = { apiVersion: "v1", name: "service", kind: "Service", plural: "services", namespaced: true };
const ENDPOINT_SLICES: Resource = { apiVersion: "discovery.k8s.io/v1", name: "endpointslice", kind: "EndpointSlice", plural: "endpointslices", namespaced: true };

const OUR_RESOURCES: readonly string[] = ["httpmonitors", "clusterregistrations", "monitorpolicies"];

/** The webhooks that are asked about our kinds, with what is behind them. @throws KubeError */
export async function readWebhooks(client: KubeClient): Promise<Webhook[]> {
  const configurations = (await Promise.all(CONFIGURATIONS.map((resource) => listAll(client, { resource })))).flat();
  const ours = configurations.flatMap((configuration) => {
    const name = textField(field(configuration, "metadata"), "name") ?? "";
    return listField(configuration, "webhooks").filter((webhook) => listField(webhook, "rules").some(concernsUs)).map((webhook) => ({ name, webhook }));
  });
  return Promise.all(ours.map(({ name, webhook }) => withEndpoints(client, name, webhook)));
}

/** Whether a rule (admissionregistration.k8s.io/v1 RuleWithOperations) covers one of our kinds. Pure. */
export function concernsUs(rule: unknown): boolean {
  const covers = (list: string, ...names: string[]): boolean => listField(rule, list).some((entry) => entry === "*" || names.some((name) => name === entry));
  const resources = listField(rule, "resources").map((entry) => String(entry).split("/")[0] ?? "");
  return covers("apiGroups", API_GROUP) && covers("apiVersions", API_VERSION) && resources.some((name) => name === "*" || OUR_RESOURCES.includes(name));
}

async function withEndpoints(client: KubeClient, configuration: string, webhook: unknown): Promise<Webhook> {
  const config = field(webhook, "clientConfig");
  const service = field(config, "service");
  const [namespace, name] = [textField(service, "namespace"), textField(service, "name")];
  const known = namespace !== undefined && name !== undefined;
  return {
    configuration,
    name: textField(webhook, "name") ?? "",
    failsClosed: textField(webhook, "failurePolicy") !== "Ignore",
    caBundle: Buffer.from(textField(config, "caBundle") ?? "", "base64").toString("utf8"),
    service: known ? `${namespace}/${name}` : undefined,
    endpoints: known ? await readyEndpoints(client, { namespace, name }) : unseen("it is reached by a URL"),
  };
}

function readyEndpoints(client: KubeClient, service: { namespace: string; name: string }): Promise<Looked<number | undefined>> {
  const ready = async (): Promise<number | undefined> => {
    const found = await unlessNotFound(client.request({ action: `read service ${service.namespace}/${service.name}`, method: "GET", path: objectPath(SERVICES, service) }));
    if (found === undefined) return undefined;
    const labelSelector = `kubernetes.io/service-name=${service.name}`;
    const slices = await listAll(client, { resource: ENDPOINT_SLICES, namespace: service.namespace, labelSelector });
    const endpoints = slices.flatMap((slice) => listField(slice, "endpoints"));
    return endpoints.filter((endpoint) => field(field(endpoint, "conditions"), "ready") !== false).length;
  };
  return look(ready());
}
