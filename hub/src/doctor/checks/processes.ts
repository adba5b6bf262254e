import type { Facts, ProcessFacts, ProcessHealth } from "../facts.ts";
import { Check, type CheckName, count, type Finding, type Looked, whenSeen } from "../finding.ts";
import { distance, parseVersion } from "../version.ts";

/** What hubs and agents say of themselves. */
export function checkProcesses({ hubs, agents, version }: Pick<Facts, "hubs" | "agents" | "version">): Finding[] {
  return [...checkReady("hubs.ready", hubs), ...checkLeader(hubs), ...checkReady("agents.ready", agents), ...checkVersions({ hubs, agents, version })];
}

function checkReady(name: CheckName, processes: Looked<readonly ProcessFacts[]>): Finding[] {
  return whenSeen(name, processes, (all, check) => {
    for (const { url: where, live, ready } of all) {
      if (!ready.seen) check.failed(ready.why, { where, advice: "Look whether it runs, whether this machine may reach it, and whether this is the address of its listener." });
      else if (live.seen && !live.value.ok) check.failed(`it is not alive: ${missingText(live.value)}`, { where, advice: "Only a restart cures it." });
      else if (!ready.value.ok) check.failed(`it is not ready: ${missingText(ready.value)}`, { where, advice: "What it waits for is in its log, too." });
      else if (ready.value.warnings !== undefined) check.warning(`${readyText(ready.value)}, but: ${sentences(ready.value.warnings)}`, { where, advice: "Meant so? Otherwise see its flags." });
      else check.ok(readyText(ready.value), { where });
    }
    return check.findings;
  });
}

function readyText({ role }: ProcessHealth): string {
  return role === undefined ? "ready" : `ready, ${role}`;
}

function missingText({ missing }: ProcessHealth): string {
  return sentences(missing) || "it does not say why";
}

function sentences(byName: Readonly<Record<string, string>>): string {
  return Object.entries(byName).map(([name, sentence]) => `${name}: ${sentence}`).join("; ");
}

/** Of all hubs one leads. Those that were not named here may lead, too: none among them is only a warning. */
function checkLeader(hubs: Looked<readonly ProcessFacts[]>): Finding[] {
  if (!hubs.seen) return [];
  const check = new Check("hubs.ready");
  const answering = hubs.value.flatMap(({ url, ready }) => (ready.seen ? [{ url, role: ready.value.role }] : []));
  const leaders = answering.filter(({ role }) => role === "active").map(({ url }) => url);
  if (leaders.length > 1) check.failed(`${count(leaders.length, "hub")} say that they lead: ${leaders.join(", ")}`, { advice: "Look whether they have one --lease-namespace and one API server." });
  if (leaders.length === 0 && answering.length > 0) check.warning("none of the hubs that answer leads", { advice: "See kubernetes.lease: another one may lead that was not named by --hub-url." });
  return check.findings;
}

function checkVersions({ hubs, agents, version }: Pick<Facts, "hubs" | "agents" | "version">): Finding[] {
  const check = new Check("processes.version");
  const all = [hubs, agents].flatMap((processes) => (processes.seen ? processes.value : []));
  if (all.length === 0) return check.unchecked("neither --hub-url nor --agent-url was given").findings;
  for (const { url: where, version: said } of all) {
    const text = said.seen ? said.value : undefined;
    if (text === undefined) check.unchecked(said.seen ? "it does not say its version" : said.why, { where });
    else sayVersion(check, where, { theirs: text, own: version });
  }
  return check.elseOk(`all are ${version}`);
}

function sayVersion(check: Check, where: string, { theirs: text, own: ownText }: { theirs: string; own: string }): void {
  const [theirs, own] = [parseVersion(text), parseVersion(ownText)];
  if (theirs === undefined || own === undefined) return void check.warning(`its version cannot be read: ${text}`, { where });
  const apart = distance(theirs, own);
  const message = `it is ${text}, this is ${ownText}`;
  if (apart === "far") check.failed(message, { where, advice: "Versions understand each other within one minor version." });
  if (apart === "near") check.warning(message, { where, advice: "Fine while an update is under way." });
}
