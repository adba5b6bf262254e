import type { ClusterRegistration, HTTPMonitor, MonitorPolicy, Namespace, ObjectMeta } from "@sightline/shared/api";

/** Builders of objects for tests: what is not said is a plain, valid default. */

const UID_TAIL = "-0000-4000-8000-000000000000";

/** A UUID that shows the number it was made from. */
export function uidOf(number: number): string {
  return `${number.toString(16).padStart(8, "0")}${UID_TAIL}`;
}

export interface MonitorSketch {
  metadata?: Partial<ObjectMeta>;
  spec?: Partial<HTTPMonitor["spec"]>;
  status?: HTTPMonitor["status"];
}

/** Of namespace `shop`, name `front`. */
export function monitor({ metadata, spec, status }: MonitorSketch = {}): HTTPMonitor {
  return {
    apiVersion: "monitoring.example.com/v1",
    kind: "HTTPMonitor",
    metadata: { namespace: "shop", name: "front", uid: uidOf(1), resourceVersion: "1", generation: 1, ...metadata },
    spec: { url: "https://shop.example.com/", interval: "30s", ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

/** The namespace `shop`. */
export function namespace(labels: Record<string, string>, metadata: Partial<Namespace["metadata"]> = {}): Namespace {
  return { metadata: { name: "shop", uid: uidOf(1000), resourceVersion: "1", labels, ...metadata } };
}

export interface RegistrationSketch {
  metadata?: Partial<ObjectMeta>;
  spec?: ClusterRegistration["spec"];
  status?: ClusterRegistration["status"];
}

/** An accepted cluster. */
export function registration(name: string, { metadata, spec, status }: RegistrationSketch = {}): ClusterRegistration {
  return {
    apiVersion: "monitoring.example.com/v1",
    kind: "ClusterRegistration",
    metadata: { name, uid: uidOf(name.length), resourceVersion: "1", generation: 1, ...metadata },
    spec: { accepted: true, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

/** A policy that binds every namespace, unless it says otherwise. */
export function policy(name: string, spec: MonitorPolicy["spec"]): MonitorPolicy {
  return { apiVersion: "monitoring.example.com/v1", kind: "MonitorPolicy", metadata: { name, uid: uidOf(2000 + name.length), resourceVersion: "1" }, spec };
}
