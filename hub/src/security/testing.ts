import type { HTTPMonitor } from "@sightline/shared/api";
import { newSigningKey } from "@sightline/shared/identity";
import { ManualClock } from "@sightline/shared/testing";
import type { AdmissionRequest, AdmissionVerdict } from "../admission/types.ts";
import { RecordingAuditLog } from "../audit/testing.ts";
import { KubeError } from "../kube/errors.ts";
import { textsIn } from "../kube/raw.ts";
import { CHECK_DEFAULTS } from "../monitors/check.ts";
import { AnsweringClient } from "../testing/answering-client.ts";
import { FixedLister } from "../testing/fixed-lister.ts";
import { monitor, type MonitorSketch, namespace, type policy, registration, uidOf } from "../testing/objects.ts";
import type { User } from "./access/authenticate.ts";
import { MonitorReviewer } from "./reviewer.ts";
import type { Usable } from "./rights/usable.ts";

export const jane: User = { name: "jane", uid: "u-1", groups: ["shop"], extra: {} };
export const HUB = "system:serviceaccount:sightline-system:http-monitor-operator";
export const signal = new AbortController().signal;

export type Sent = AdmissionRequest & { object: HTTPMonitor };

/** A reviewer, and all that it asks. */
export class ReviewWorld {
  readonly clock = new ManualClock();
  readonly audit = new RecordingAuditLog();
  readonly key = newSigningKey("hub").key;
  readonly registrations = new FixedLister([registration("eu-1"), registration("eu-2"), registration("us-1")]);
  readonly namespaces = new FixedLister([namespace({ tenant: "a" })]);
  readonly monitors = new FixedLister<HTTPMonitor>();
  readonly policies = new FixedLister<ReturnType<typeof policy>>();
  readonly asked: string[][] = [];
  /** What every user may use. */
  usable: Usable | Error = "all";
  readonly reviewer = new MonitorReviewer({
    clock: this.clock,
    audit: this.audit,
    key: this.key,
    registrations: this.registrations,
    namespaces: this.namespaces,
    monitors: this.monitors,
    policies: this.policies,
    client: new AnsweringClient(() => {
      throw new KubeError("NOT_FOUND", "no such namespace");
    }),
    rights: {
      usable: async (_user, clusters) => {
        this.asked.push([...clusters]);
        if (this.usable instanceof Error) throw this.usable;
        const { usable } = this;
        return usable === "all" ? usable : new Set(clusters.filter((cluster) => usable.has(cluster)));
      },
    },
    publicKeys: [this.key.publicKey],
    defaults: CHECK_DEFAULTS,
    hubUser: HUB,
  });

  async mutate(request: AdmissionRequest): Promise<AdmissionVerdict> {
    return await this.reviewer.mutate(request, signal);
  }

  /** Both webhooks, with the object patched in between as the API server does it. */
  async admit(request: Sent): Promise<AdmissionVerdict> {
    const first = await this.mutate(request);
    return first.allowed ? await this.reviewer.validate({ ...request, object: patched(request.object, first) }, signal) : first;
  }

  /** The monitor as it is stored when the request has been admitted. */
  async stored(request: Sent): Promise<HTTPMonitor> {
    const object = patched(request.object, await this.mutate(request));
    return { ...object, metadata: { ...object.metadata, uid: uidOf(1), creationTimestamp: new Date(this.clock.now()).toISOString() } };
  }
}

/** A monitor that somebody makes. */
export function made(sketch: MonitorSketch = {}, change: Partial<Sent> = {}): Sent {
  const object = monitor(sketch);
  return { uid: "r-1", kind: "HTTPMonitor", operation: "CREATE", namespace: "shop", name: "front", user: jane, object: { ...object, metadata: { ...object.metadata, uid: "", resourceVersion: "" } }, oldObject: undefined, dryRun: false, ...change };
}

/** A monitor that somebody changes. */
export function changed(before: HTTPMonitor, sketch: MonitorSketch, change: Partial<Sent> = {}): Sent {
  const object = { ...before, metadata: { ...before.metadata, ...sketch.metadata }, spec: { ...before.spec, ...sketch.spec } };
  return { ...made({}, change), operation: "UPDATE", object, oldObject: before };
}

export function patched(object: HTTPMonitor, verdict: AdmissionVerdict): HTTPMonitor {
  const result = structuredClone(object);
  for (const step of (verdict.allowed ? verdict.patch : undefined) ?? []) {
    if (step.op === "remove") continue;
    if (step.path === "/metadata/annotations") result.metadata.annotations = textsIn(step, "value");
    else result.metadata.annotations = { ...result.metadata.annotations, [step.path.slice("/metadata/annotations/".length).replaceAll("~1", "/")]: String(step.value) };
  }
  return result;
}
