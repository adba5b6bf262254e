/** Name of the Secret with the keys of the installation, in the hub's namespace. */
export const KEYS_SECRET = "sightline-keys";

/** A Secret that a hub's pod mounts as its folder of keys. To be created, not applied: kubectl would keep a second copy in an annotation. */
export function secretManifest(namespace: string, files: Readonly<Record<string, string>>): object {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: KEYS_SECRET, namespace, labels: { "app.kubernetes.io/name": "sightline", "app.kubernetes.io/component": "keys" } },
    type: "Opaque",
    data: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString("base64")])),
  };
}
