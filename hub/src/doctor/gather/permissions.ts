import { hubUserName } from "@sightline/shared/api";
import type { InstalledRule } from "@sightline/shared/installation";
import pMap from "p-map";
import { isKubeError } from "../../kube/errors.ts";
import type { KubeClient } from "../../kube/client.ts";
import { field, textField } from "../../kube/raw.ts";
import { isAllowed } from "../../security/access/authorise.ts";
import type { Permission } from "../facts.ts";

const AT_ONCE = 8;
const AUTHORIZATION = "/apis/authorization.k8s.io/v1";

/** Each single thing that the rules allow. Pure. */
export function permissionsOf(rules: readonly InstalledRule[], hubNamespace: string): Permission[] {
  return rules.flatMap((rule) => {
    const namespace = rule.scope === "cluster" ? undefined : hubNamespace;
    return pairs(rule).flatMap(({ group, resource }) => {
      return (rule.resourceNames ?? [undefined]).flatMap((name) => rule.verbs.map((verb) => ({ verb, group, resource, namespace, name })));
    });
  });
}

function pairs({ apiGroups, resources }: InstalledRule): Pick<Permission, "group" | "resource">[] {
  return apiGroups.flatMap((group) => resources.map((resource) => ({ group, resource })));
}

/**
 * Asks the API server what of it the hub's ServiceAccount may not do.
 * @throws KubeError FORBIDDEN when whoever asks may not ask about others.
 */
export async function deniedOf(client: KubeClient, permissions: readonly Permission[], hubNamespace: string): Promise<Permission[]> {
  const ask = await askerFor(client, hubNamespace);
  const answers = await pMap(permissions, ask, { concurrency: AT_ONCE });
  return permissions.filter((_, index) => answers[index] === false);
}

/** Whoever is the hub itself may always ask about itself; others need the right to ask about it. */
async function askerFor(client: KubeClient, hubNamespace: string): Promise<(permission: Permission) => Promise<boolean>> {
  const user = hubUserName(hubNamespace);
  if ((await whoAmI(client)) === user) return (permission) => review(client, "selfsubjectaccessreviews", { resourceAttributes: attributesOf(permission) });
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${hubNamespace}`, "system:authenticated"];
  return (permission) => review(client, "subjectaccessreviews", { user, groups, resourceAttributes: attributesOf(permission) });
}

async function whoAmI(client: KubeClient): Promise<string | undefined> {
  const request = { action: "ask who this user is", method: "POST", path: "/apis/authentication.k8s.io/v1/selfsubjectreviews", body: {} } as const;
  try {
    return textField(field(field(await client.request(request), "status"), "userInfo"), "username");
  } catch (error) {
    if (isKubeError(error, "FORBIDDEN", "NOT_FOUND")) return undefined;
    throw error;
  }
}

async function review(client: KubeClient, kind: string, spec: object): Promise<boolean> {
  const action = "ask what the hub's ServiceAccount may do";
  return isAllowed(await client.request({ action, method: "POST", path: `${AUTHORIZATION}/${kind}`, body: { spec } }));
}

function attributesOf({ verb, group, resource: path, namespace, name }: Permission): object {
  const [resource, subresource] = path.split("/");
  return { verb, group, resource, ...(subresource === undefined ? {} : { subresource }), ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
}
