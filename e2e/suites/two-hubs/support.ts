import { randomShare, systemClock } from "@sightline/shared";
import { StreamReader } from "@sightline/shared/nats";
import { ASSIGNMENT_STREAM, parseAssignmentSubject, parseHead } from "@sightline/shared/wire";
import { connectAsHub } from "../../kit/hub-nats.ts";
import { at, listAt, textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, roleOf, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import type { HubState, Sandbox } from "../../sandbox/mod.ts";

export const NAMES = Array.from({ length: 10 }, (_, number) => `m-${number}`);

export interface TwoHubs {
  stage: () => Stage;
  target: () => Target;
}

/** Two hubs, three agents, and ten monitors at one second: nine of a target that answers, one of a target that does not. */
export function twoHubs(): TwoHubs {
  let stage: Stage | undefined;
  withStage(() => openStage(undefined, { hubs: 2 }), async (opened) => {
    stage = opened;
    const { target } = opened;
    for (const name of NAMES) target.behave(`/${name}`, answers(name === "m-9" ? 500 : 200));
    for (const name of NAMES) await stage.api.apply(monitor(name, { url: target.url(`/${name}`) }));
    for (const name of NAMES) await stage.api.untilVerdict(`default/${name}`, name === "m-9" ? "Unhealthy" : "Healthy");
  });
  return { stage: () => got(stage), target: () => got(stage).target };
}

function got<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the stage is not open");
  return value;
}

/** The other one of two hubs. */
export function otherHub({ sandbox }: Stage, name: string): HubState {
  const found = sandbox.state.hubs.find((hub) => hub.name !== name);
  if (found === undefined) throw new Error("there is one hub only");
  return found;
}

/** Waits until the hub stands by, ready to take over. */
export async function untilStandby(hub: HubState): Promise<void> {
  await waitUntil({ what: `${hub.name} to stand by`, timeoutMs: 60_000 }, async () => {
    const { role, ready } = await roleOf(hub);
    return role === "standby" && ready;
  });
}

/** What each monitor shows, and since when. */
export async function transitions(stage: Stage): Promise<Record<string, string>> {
  const monitors = await stage.api.monitors("default");
  const load = monitors.filter(({ metadata }) => NAMES.includes(metadata.name));
  return Object.fromEntries(load.map(({ metadata, status }) => [metadata.name, `${status?.status} ${status?.healthy} since ${status?.lastTransitionTime}`]));
}

/** Waits until every monitor's status knows results of every cluster that are newer than `sinceMs`. */
export async function untilRefreshed(stage: Stage, sinceMs: number): Promise<void> {
  for (const name of NAMES) {
    await stage.api.untilStatus(`default/${name}`, "refreshed", ({ clusterResults = [] }) => clusterResults.length === 3 && clusterResults.every(({ timestamp }) => Date.parse(timestamp ?? "") > sinceMs));
  }
}

/** All Events, each by what it is about and how often it was counted. */
export async function events({ sandbox }: Stage): Promise<string[]> {
  const items = listAt(await sandbox.kube.client.get("api/v1/events"), "items");
  return items.map((event) => `${textAt(event, "involvedObject", "kind")} ${textAt(event, "involvedObject", "name")} ${textAt(event, "reason")} x${String(at(event, "count"))}`).toSorted();
}

/** Who the Lease says leads; "" when nobody does. */
export async function leaseHolder({ sandbox }: Stage): Promise<string> {
  const lease = await sandbox.kube.client.get("apis/coordination.k8s.io/v1/namespaces/sightline-system/leases/http-monitor-operator");
  return textAt(lease, "spec", "holderIdentity") ?? "";
}

export interface SeenHead {
  cluster: string;
  epoch: number;
  sequence: number;
}

export interface HeadLog extends AsyncDisposable {
  /** Every head since the log was opened (and the last one before), in the order in which NATS stored them. */
  heads: SeenHead[];
}

/** Listens to what is stored, so that nothing that was overwritten since is missed. */
export async function followHeads(sandbox: Sandbox): Promise<HeadLog> {
  const connection = await connectAsHub(sandbox);
  const heads: SeenHead[] = [];
  const read = Promise.withResolvers<void>();
  const reader = new StreamReader(
    { connection, stream: ASSIGNMENT_STREAM, clock: systemClock, random: randomShare, checkIntervalMs: 60_000, onError: read.reject },
    {
      position: () => undefined,
      begin: () => undefined,
      message: ({ subject, payload, sequence }) => {
        const key = parseAssignmentSubject(subject);
        if (key?.kind === "head" && payload !== null) heads.push({ cluster: key.cluster, epoch: parseHead(payload).epoch, sequence });
      },
      caughtUp: read.resolve,
    },
  );
  reader.start();
  await read.promise;
  return {
    heads,
    [Symbol.asyncDispose]: async () => {
      await reader.stop();
      await connection.close();
    },
  };
}
