import { abridged } from "@sightline/shared";
import { DEFINITIONS } from "@sightline/shared/installation";
import type { Facts, KubernetesFacts, Permission } from "../facts.ts";
import { count, type Finding, seconds, whenReached, whenSeen } from "../finding.ts";
import { isAtLeast, parseVersion, type Version } from "../version.ts";
import { offsetBounds } from "./clock.ts";
import { checkDefinitions } from "./definitions.ts";
import { checkWebhooks } from "./webhooks.ts";

/** The oldest API server that the CRDs' rules run on. */
const OLDEST: Version = { major: 1, minor: 30, patch: 0 };
/** A renewal may be late, and the hub's clock may differ from the API server's. Milliseconds. */
const LEASE_TOLERANCE_MS = 3000;

/** The rights that rbac.yaml leaves to whoever installs it, and what does not work without each of them. */
const OPTIONAL = "secrets";
const WITHOUT: Readonly<Record<string, string>> = { list: "orphaned Secrets are not looked for", get: "headers of monitors are not taken from Secrets" };

/** The hub's API server, and what is installed in it. */
export function checkKubernetes({ kubernetes, now, hubNamespace }: Pick<Facts, "kubernetes" | "now" | "hubNamespace">): Finding[] {
  return [
    ...checkServer(kubernetes),
    ...checkDefinitions(DEFINITIONS, kubernetes.definitions),
    ...checkPermissions(kubernetes, hubNamespace),
    ...checkLease(kubernetes),
    ...checkWebhooks(kubernetes.webhooks, now),
  ];
}

function checkServer({ server }: KubernetesFacts): Finding[] {
  const advice = "Name the API server of the hub by --kubeconfig, with credentials that it accepts.";
  return whenReached("kubernetes.reachable", server, advice, (text, check) => {
    const version = parseVersion(text);
    if (version === undefined) check.warning(`the API server answers, with a version that cannot be read: ${text}`);
    else if (!isAtLeast(version, OLDEST)) check.failed(`the API server is ${text}`, { advice: "1.30 is the oldest that the CRDs work on." });
    return check.elseOk(`Kubernetes ${text} answers`);
  });
}

function checkPermissions({ denied: looked }: KubernetesFacts, hubNamespace: string): Finding[] {
  return whenSeen("kubernetes.permissions", looked, ({ asked, denied }, check) => {
    const advice = "Apply deploy/kustomize/rbac.yaml of the version that the hub has.";
    for (const [what, verbs] of byResource(denied)) {
      if (what === OPTIONAL) check.warning(`the hub may not ${verbs.join(", ")} ${what}: ${verbs.map((verb) => WITHOUT[verb] ?? "").join(", ")}`, { advice: "Meant so? It may be left out: see docs/operate/leaks.md and vault.md. Otherwise apply all of deploy/kustomize/rbac.yaml." });
      else check.failed(`the hub may not ${verbs.join(", ")} ${what}`, { advice });
    }
    return check.elseOk(`the hub's ServiceAccount in ${hubNamespace} may do all ${asked} things that it needs`);
  });
}

function byResource(denied: readonly Permission[]): Map<string, string[]> {
  const verbs = new Map<string, string[]>();
  for (const { verb, group, resource, namespace } of denied) {
    const what = `${resource}${group === "" ? "" : `.${group}`}${namespace === undefined ? "" : ` in ${namespace}`}`;
    verbs.set(what, [...(verbs.get(what) ?? []), verb]);
  }
  return verbs;
}

function checkLease({ lease, clock }: KubernetesFacts): Finding[] {
  return whenSeen("kubernetes.lease", lease, ({ stored, readAt }, check) => {
    const advice = "Look whether a hub runs, what its /readyz says, and whether --lease-namespace and --hub-namespace are the same.";
    if (stored === undefined) return check.failed("there is no lease: no hub has ever led here", { advice }).findings;
    if (stored.holder === "") return check.failed("nobody holds the lease: no hub leads", { advice }).findings;
    const age = leastAge(stored.renewTime, readAt, clock);
    const held = `${stored.holder} holds it since ${stored.acquireTime}`;
    if (!(age <= stored.durationMs + LEASE_TOLERANCE_MS)) {
      return check.failed(`${held}, and renewed it last ${Number.isNaN(age) ? "at a time that cannot be read" : `${seconds(age)} ago`}: no hub leads`, { advice }).findings;
    }
    const changes = stored.transitions === 0 ? "" : `, after ${count(stored.transitions, "change")} of the holder`;
    return check.ok(`${held}, renewed ${seconds(Math.max(0, age))} ago${changes}`).findings;
  });
}

/** By the API server's clock, as far as that is known: this machine may be anybody's. NaN for a time that cannot be read. */
function leastAge(time: string, readAt: number, clock: KubernetesFacts["clock"]): number {
  return readAt + (clock.seen ? offsetBounds(clock.value).least : 0) - Date.parse(time);
}

/** Objects that are there and do not follow their schema: the hub keeps the last version of each that it could read. */
export function checkReadable({ registrations, monitors }: KubernetesFacts): Finding[] {
  return whenSeen("monitors.readable", monitors, (listed, check) => {
    const unreadable = [...listed.unreadable, ...(registrations.seen ? registrations.value.unreadable : [])];
    const advice = "Write the object anew by the schema of crds/.";
    const [first] = unreadable;
    if (first !== undefined) check.failed(`${count(unreadable.length, "object")} cannot be read: ${abridged(unreadable.map(({ name }) => name))}; ${first.why}`, { advice });
    return check.elseOk(`${count(listed.objects.length, "monitor")} can be read`);
  });
}
