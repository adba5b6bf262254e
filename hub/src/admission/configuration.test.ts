import { describe, expect, it } from "vitest";
import { baseUrlOf, namesOf, type WebhookAddress, webhooksOf } from "./configuration.ts";
import { matchConditions } from "./match-conditions.ts";
import { isAsWanted } from "./registration.ts";

const BY_URL: WebhookAddress = { url: "https://127.0.0.1:9443" };
const BY_SERVICE: WebhookAddress = { service: { namespace: "sightline-system", name: "sightline-hub", port: 443 } };

function annotationChanged(name: string): string {
  return `object.?metadata.?annotations[?'monitoring.example.com/${name}'] != oldObject.?metadata.?annotations[?'monitoring.example.com/${name}']`;
}

describe("what is asked about an update", () => {
  it("is spec, placement and record of a monitor, and nothing of what is being deleted", () => {
    const [deleted, changed] = matchConditions("HTTPMonitor").map(({ expression }) => expression);
    expect(deleted).toBe("!has(object.metadata.deletionTimestamp)");
    const names = ["authorized-by", "cluster-selector", "clusters", "environments", "max-clusters", "regions", "spread-by", "tolerations"];
    expect(changed).toBe(["request.operation == 'CREATE'", "object.?spec != oldObject.?spec", ...names.map((name) => annotationChanged(name))].join(" || "));
  });

  it("is the labels of a registration too: placement goes by them", () => {
    expect(matchConditions("ClusterRegistration")[1]?.expression).toBe("request.operation == 'CREATE' || object.?spec != oldObject.?spec || object.?metadata.?labels != oldObject.?metadata.?labels");
  });
});

describe("the registration", () => {
  it("asks about our kinds alone, when they are made or changed, never about their status, and fails closed", () => {
    const webhooks = webhooksOf("validate", BY_URL, "PEM");
    const rule = { apiGroups: ["monitoring.example.com"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"] };
    expect(webhooks.map(({ rules }) => rules)).toEqual([
      [{ ...rule, resources: ["httpmonitors"], scope: "Namespaced" }],
      [{ ...rule, resources: ["clusterregistrations"], scope: "Cluster" }],
      [{ ...rule, resources: ["monitorpolicies"], scope: "Cluster" }],
    ]);
    for (const webhook of webhooks) expect(webhook).toMatchObject({ failurePolicy: "Fail", matchPolicy: "Equivalent", sideEffects: "NoneOnDryRun", timeoutSeconds: 5 });
    expect(webhooks[0]).not.toHaveProperty("reinvocationPolicy");
  });

  it("changes monitors alone, and again when somebody else has changed them since", () => {
    expect(webhooksOf("mutate", BY_URL, "PEM")).toMatchObject([{ name: "mutate.httpmonitors.monitoring.example.com", reinvocationPolicy: "IfNeeded" }]);
  });

  it("names the hubs by URL or by Service", () => {
    expect(webhooksOf("mutate", BY_URL, "PEM")[0]?.clientConfig).toEqual({ caBundle: "UEVN", url: "https://127.0.0.1:9443/admission/mutate" });
    expect(webhooksOf("mutate", BY_SERVICE, "PEM")[0]?.clientConfig).toEqual({ caBundle: "UEVN", service: { namespace: "sightline-system", name: "sightline-hub", port: 443, path: "/admission/mutate" } });
    expect([namesOf(BY_URL), namesOf({ url: "https://[2001:db8::1]:9443" }), namesOf(BY_SERVICE)]).toEqual([["127.0.0.1"], ["2001:db8::1"], ["sightline-hub.sightline-system.svc", "sightline-hub.sightline-system.svc.cluster.local"]]);
    expect(baseUrlOf(BY_SERVICE)).toBe("https://sightline-hub.sightline-system.svc:443");
  });

  it("is set right when anything of it was changed, or added to", () => {
    const wanted = webhooksOf("validate", BY_URL, "PEM");
    // As an API server answers: in another order.
    expect(isAsWanted({ webhooks: wanted.map((webhook) => Object.fromEntries(Object.entries(webhook).toReversed())) }, wanted)).toBe(true);
    for (const webhooks of [[], wanted.slice(1), [...wanted, ...wanted], wanted.map((webhook) => ({ ...webhook, failurePolicy: "Ignore" })), webhooksOf("validate", BY_URL, "other")]) {
      expect(isAsWanted({ webhooks }, wanted)).toBe(false);
    }
    expect(isAsWanted(undefined, wanted)).toBe(false);
  });
});
