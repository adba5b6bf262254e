import { formatDuration, parseDuration } from "@sightline/shared";
import type { HTTPMonitorSpec, MonitorPolicy } from "@sightline/shared/api";
import { type CheckDefaults, checkOf } from "../../monitors/check.ts";
import type { Labels } from "../../placement/label-selector.ts";
import { namespaceRefusal } from "../../placement/namespaces.ts";

/** A monitor, as policies look at it. */
export interface PolicyQuestion {
  spec: HTTPMonitorSpec;
  namespace: string;
  /** Of the namespace; undefined when they are not known: then every policy binds. */
  namespaceLabels: Labels | undefined;
  /** How many monitors of the namespace are older. */
  olderMonitors: number;
  defaults: CheckDefaults;
}

/** What of a monitor a policy does not allow. */
export interface Violation {
  policy: string;
  /** Path under `spec` of the policy. */
  field: string;
  /** The whole sentence, without a full stop. */
  message: string;
}

type Allow = MonitorPolicy["spec"]["allow"];
/** What is wrong and what would be right, or undefined. */
type Rule = (allow: Allow, question: PolicyQuestion) => string | undefined;

const RULES: readonly (readonly [field: keyof Allow, rule: Rule])[] = [
  ["hosts", hostsRule],
  ["ports", portsRule],
  ["methods", methodsRule],
  ["minInterval", intervalRule],
  ["maxMonitors", countRule],
];

/** Everything that the policies do not allow, in the order of the policies' names: a monitor must satisfy all that bind its namespace. Pure. */
export function violationsOf(policies: readonly MonitorPolicy[], question: PolicyQuestion): Violation[] {
  const binding = policies.filter((policy) => binds(policy, question)).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return binding.flatMap((policy) => RULES.flatMap(([name, rule]) => violation(policy, name, rule(policy.spec.allow, question))));
}

/** Whether a policy counts for a namespace. Of one whose labels are not known it does: a guard rail does not fall for want of a fact. */
function binds({ spec }: MonitorPolicy, { namespace, namespaceLabels }: PolicyQuestion): boolean {
  return namespaceLabels === undefined || namespaceRefusal(spec.namespaceSelector, namespace, namespaceLabels) === undefined;
}

function violation({ metadata: { name } }: MonitorPolicy, rule: keyof Allow, problem: string | undefined): Violation[] {
  if (problem === undefined) return [];
  const field = `allow.${rule}`;
  return [{ policy: name, field, message: `security policy violation: MonitorPolicy ${name} (${field}): ${problem}` }];
}

function hostsRule({ hosts }: Allow, { spec }: PolicyQuestion): string | undefined {
  if (hosts === undefined) return undefined;
  const wrong = hostsOf(spec).find(({ host }) => host === undefined || !hosts.some((pattern) => matchesHost(pattern, host)));
  if (wrong === undefined) return undefined;
  return `the host ${wrong.host ?? "(none)"}${wrong.of} is not among ${listed(hosts)}`;
}

/** The hosts that a monitor names: of its URL, and of a Host header, which sets the TLS server name too. Lower case, without a final dot. */
function hostsOf({ url, headers = {}, headersFrom = [] }: HTTPMonitorSpec): { host: string | undefined; of: string }[] {
  // What a Secret holds may change at any time, and is nobody's to read here: a Host from there is none that could be allowed.
  const given = [...Object.entries(headers), ...headersFrom.map(({ name }) => [name, ""] as const)];
  const named = given.filter(([name]) => name.toLowerCase() === "host");
  return [{ host: hostOf(urlOf(url)), of: "" }, ...named.map(([, value]) => ({ host: headerHost(value), of: " of the header Host" }))];
}

/** Nothing but a host and a port: what a URL would read as its path or user, a server may read as its host. */
function headerHost(value: string): string | undefined {
  return /^[-\w.:[\]]+$/.test(value) ? hostOf(urlOf(`http://${value}`)) : undefined;
}

function hostOf(url: URL | undefined): string | undefined {
  return url?.hostname.toLowerCase().replace(/\.$/, "");
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** `*.example.com` stands for every name below it. */
function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1 : host === pattern;
}

function portsRule({ ports }: Allow, { spec }: PolicyQuestion): string | undefined {
  if (ports === undefined) return undefined;
  const url = urlOf(spec.url);
  const port = url === undefined ? 0 : Number(url.port === "" ? (url.protocol === "https:" ? 443 : 80) : url.port);
  return ports.some((range) => isWithin(port, range)) ? undefined : `the port ${port} is not among ${listed(ports)}`;
}

function isWithin(port: number, range: number | string): boolean {
  const [first = "", last = first] = String(range).split("-");
  return Number(first) <= port && port <= Number(last);
}

function methodsRule({ methods }: Allow, { spec, defaults }: PolicyQuestion): string | undefined {
  const { method } = checkOf(spec, defaults);
  return methods === undefined || methods.some((allowed) => allowed === method) ? undefined : `the method ${method} is not among ${listed(methods)}`;
}

function intervalRule({ minInterval = "" }: Allow, { spec, defaults }: PolicyQuestion): string | undefined {
  const { intervalMs } = checkOf(spec, defaults);
  return intervalMs >= (parseDuration(minInterval) ?? 0) ? undefined : `the interval ${formatDuration(intervalMs)} is shorter than ${minInterval}`;
}

function countRule({ maxMonitors }: Allow, { namespace, olderMonitors }: PolicyQuestion): string | undefined {
  if (maxMonitors === undefined || olderMonitors < maxMonitors) return undefined;
  return `the namespace ${namespace} may have ${maxMonitors} ${maxMonitors === 1 ? "HTTPMonitor" : "HTTPMonitors"}, and ${olderMonitors} came before this one`;
}

const LISTED = 10;

function listed(values: readonly (string | number)[]): string {
  if (values.length === 0) return "any (the list is empty)";
  const more = values.length > LISTED ? `, and ${values.length - LISTED} more` : "";
  return `${values.slice(0, LISTED).join(", ")}${more}`;
}
