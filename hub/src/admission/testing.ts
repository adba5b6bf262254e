/** An AdmissionReview as kube-apiserver 1.37 sends it, for tests. */
export const REVIEW = {
  kind: "AdmissionReview",
  apiVersion: "admission.k8s.io/v1",
  request: {
    uid: "7f0b2891-916f-4ed6-b7cd-27bff1815a8c",
    kind: { group: "monitoring.example.com", version: "v1", kind: "HTTPMonitor" },
    resource: { group: "monitoring.example.com", version: "v1", resource: "httpmonitors" },
    requestKind: { group: "monitoring.example.com", version: "v1", kind: "HTTPMonitor" },
    requestResource: { group: "monitoring.example.com", version: "v1", resource: "httpmonitors" },
    name: "front",
    namespace: "shop",
    operation: "UPDATE",
    userInfo: { username: "ann", uid: "42", groups: ["sre", "system:authenticated"], extra: { "authentication.kubernetes.io/credential-id": ["X509SHA256=1"] } },
    object: { apiVersion: "monitoring.example.com/v1", kind: "HTTPMonitor", metadata: { name: "front", namespace: "shop" }, spec: { url: "https://shop.example.com/" } },
    oldObject: { apiVersion: "monitoring.example.com/v1", kind: "HTTPMonitor", metadata: { name: "front", namespace: "shop" }, spec: { url: "http://shop.example.com/" } },
    dryRun: true,
    options: { kind: "UpdateOptions", apiVersion: "meta.k8s.io/v1", dryRun: ["All"], fieldManager: "kubectl" },
  },
} as const;
