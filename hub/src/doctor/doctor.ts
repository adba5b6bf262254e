import type { Clock } from "@sightline/shared";
import pMap from "p-map";
import { createKubeClient, loadUserKubeConfig } from "../kube/client.ts";
import { HUB_VERSION } from "../version.ts";
import { isAccepted } from "./checks/clusters.ts";
import { examine, type Report } from "./examine.ts";
import type { Facts } from "./facts.ts";
import type { Looked } from "./finding.ts";
import type { DoctorRequest } from "./flags.ts";
import { type HttpLook, lookAtProcess, lookAtServer } from "./gather/http.ts";
import { lookAtKubernetes } from "./gather/kubernetes.ts";
import { unseen } from "./gather/looking.ts";
import { lookAtNats } from "./gather/nats.ts";

const AT_ONCE = 8;

/** Looks at everything that was named, and judges it. Never throws for what it cannot see. */
export async function diagnose(request: DoctorRequest, clock: Clock): Promise<Report> {
  return examine(await gather(request, clock));
}

async function gather(request: DoctorRequest, clock: Clock): Promise<Facts> {
  const { hubNamespace, timeoutMs, refreshBudget, defaultIntervalMs } = request;
  const now = clock.now();
  const open = (): ReturnType<typeof createKubeClient> => createKubeClient(loadUserKubeConfig(request.kubeconfig), { clock, timeoutMs, userAgent: "sightline" });
  const http: HttpLook = { clock, timeoutMs };
  const kubernetes = await lookAtKubernetes({ open, clock, hubNamespace, timeoutMs });
  const { registrations } = kubernetes;
  const accepted: Looked<string[]> = registrations.seen ? { seen: true, value: registrations.value.objects.filter(isAccepted).map(({ metadata }) => metadata.name) } : registrations;
  const [nats, natsServers, hubs, agents] = await Promise.all([
    lookAtNats(request.nats === undefined ? undefined : { ...request.nats, clock, timeoutMs }, accepted),
    lookAtEach("--nats-monitor-url", request.natsMonitorUrls, (url) => lookAtServer(url, http)),
    lookAtEach("--hub-url", request.hubUrls, (url) => lookAtProcess(url, http)),
    lookAtEach("--agent-url", request.agentUrls, (url) => lookAtProcess(url, http)),
  ]);
  return { now, version: HUB_VERSION, hubNamespace, kubernetes, nats, natsServers, hubs, agents, refreshBudget, defaultIntervalMs };
}

async function lookAtEach<T>(flag: string, urls: readonly string[], look: (url: string) => Promise<T>): Promise<Looked<T[]>> {
  return urls.length === 0 ? unseen(`${flag} was not given`) : { seen: true, value: await pMap(urls, look, { concurrency: AT_ONCE }) };
}
