import { type ClusterRegistration, PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { monitor, namespace, registration } from "../../testing/objects.ts";
import { monitorFingerprint, namespaceFingerprint, registrationFingerprint } from "./setup.ts";

describe("what makes monitors be placed again", () => {
  it.each<[string, Parameters<typeof registration>[1]]>([
    ["its labels", { metadata: { labels: { a: "b" } } }],
    ["its region", { spec: { accepted: true, region: "r" } }],
    ["its environment", { spec: { accepted: true, environment: "e" } }],
    ["its acceptance", { spec: { accepted: false } }],
    ["its taints", { spec: { accepted: true, taints: [{ key: "a", effect: "NoSelect" }] } }],
    ["its namespace selector", { spec: { accepted: true, namespaceSelector: { matchLabels: { a: "b" } } } }],
    ["its deletion", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }],
  ])("of a registration: %s", (_name, sketch) => {
    expect(registrationFingerprint(registration("a", sketch))).not.toBe(registrationFingerprint(registration("a")));
  });

  it("of a registration: nothing else, its status least of all", () => {
    const other: ClusterRegistration = registration("a", { metadata: { annotations: { a: "b" }, resourceVersion: "9" }, spec: { accepted: true, heartbeat: { interval: "1s" } }, status: { agentVersion: "1" } });
    expect(registrationFingerprint(other)).toBe(registrationFingerprint(registration("a")));
  });

  it.each(Object.values(PLACEMENT_ANNOTATIONS))("of a monitor: its annotation %s", (annotation) => {
    expect(monitorFingerprint(monitor({ metadata: { annotations: { [annotation]: "x" } } }))).not.toBe(monitorFingerprint(monitor()));
  });

  it("of a namespace: its labels, and that it was made again", () => {
    const plain = namespaceFingerprint(namespace({}));
    expect(namespaceFingerprint(namespace({ a: "b" }))).not.toBe(plain);
    expect(namespaceFingerprint(namespace({}, { uid: "another" }))).not.toBe(plain);
    expect(namespaceFingerprint(namespace({}, { resourceVersion: "2" }))).toBe(plain);
  });
});
