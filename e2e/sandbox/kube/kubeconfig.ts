import { stringify } from "yaml";

import { writeWhole } from "../file.ts";

export interface KubeconfigInput {
  readonly server: string;
  /** PEM text. */
  readonly ca: string;
  readonly user: { readonly cert: string; readonly key: string } | { readonly token: string };
}

/** A kubeconfig that holds all it needs in itself. */
export function renderKubeconfig({ server, ca, user }: KubeconfigInput): string {
  const name = "sightline-sandbox";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": base64(ca) } }],
    users: [{ name, user: "token" in user ? user : { "client-certificate-data": base64(user.cert), "client-key-data": base64(user.key) } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

export async function writeKubeconfig(file: string, input: KubeconfigInput): Promise<void> {
  await writeWhole(file, renderKubeconfig(input), 0o600);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
