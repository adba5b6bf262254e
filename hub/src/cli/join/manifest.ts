import { encodeJoinToken, type JoinToken } from "@sightline/shared/identity";

/** Where an agent is put in its cluster, and what runs there. */
export interface AgentPlace {
  namespace: string;
  image: string;
}

const NAME = "sightline-agent";
const IDENTITY_SECRET = `${NAME}-identity`;
const TOKEN_SECRET = `${NAME}-join-token`;
const LABELS = { "app.kubernetes.io/name": "sightline", "app.kubernetes.io/component": "agent" };
/** Of the image; a number, so that the kubelet can tell that it is not root. */
const USER = 65_532;
const PORT = 9464;

/**
 * Everything that makes a cluster's agent run, to be applied in that cluster. The Secret of its identity is made empty and
 * never applied again with anything in it: the agent alone writes there, and may touch nothing else.
 * The same as the chart makes of its defaults: deploy/helm/sightline-agent, to which e2e/suites/charts holds it.
 */
export function agentManifest(token: JoinToken, { namespace, image }: AgentPlace): object[] {
  const meta = (name: string): object => ({ name, namespace, labels: LABELS });
  const rules = [{ apiGroups: [""], resources: ["secrets"], resourceNames: [IDENTITY_SECRET], verbs: ["get", "patch"] }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: NAME };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: { ...LABELS, "pod-security.kubernetes.io/enforce": "restricted" } } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: meta(NAME) },
    { apiVersion: "v1", kind: "Secret", metadata: meta(IDENTITY_SECRET), type: "Opaque" },
    { apiVersion: "v1", kind: "Secret", metadata: meta(TOKEN_SECRET), type: "Opaque", stringData: { token: `${encodeJoinToken(token)}\n` } },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: meta(NAME), rules },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", metadata: meta(NAME), roleRef, subjects: [{ kind: "ServiceAccount", name: NAME, namespace }] },
    { apiVersion: "apps/v1", kind: "StatefulSet", metadata: meta(NAME), spec: statefulSet(token.cluster, namespace, image) },
  ];
}

function statefulSet(cluster: string, namespace: string, image: string): object {
  return {
    // One replica: two would each read half of the assignments.
    replicas: 1,
    serviceName: NAME,
    updateStrategy: { type: "RollingUpdate" },
    selector: { matchLabels: LABELS },
    template: { metadata: { labels: LABELS }, spec: pod(cluster, namespace, image) },
    volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }],
  };
}

function pod(cluster: string, namespace: string, image: string): object {
  return {
    serviceAccountName: NAME,
    terminationGracePeriodSeconds: 15,
    securityContext: { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, fsGroup: USER, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container(cluster, namespace, image)],
    volumes: [{ name: "join-token", secret: { secretName: TOKEN_SECRET, optional: true, defaultMode: 0o440 } }],
  };
}

function container(cluster: string, namespace: string, image: string): object {
  return {
    name: "agent",
    image,
    args: [`--cluster=${cluster}`, "--join-token-file=/join/token", `--identity-secret=${namespace}/${IDENTITY_SECRET}`, "--data-dir=/data", `--listen=0.0.0.0:${PORT}`],
    // No monitor may reach the node that the agent runs on, by its addresses of either family.
    env: [{ name: "SIGHTLINE_NODE_ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.hostIPs" } } }],
    ports: [{ name: "http", containerPort: PORT }],
    livenessProbe: probe("/healthz"),
    readinessProbe: probe("/readyz"),
    resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: "data", mountPath: "/data" },
      { name: "join-token", mountPath: "/join", readOnly: true },
    ],
  };
}

function probe(path: string): object {
  return { httpGet: { path, port: "http" }, periodSeconds: 10, timeoutSeconds: 5 };
}
