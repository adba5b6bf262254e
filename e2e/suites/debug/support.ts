import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import got, { type Got, type OptionsInit } from "got";
import { systemClock } from "@sightline/shared";
import { debugRoutes, EventLoopWatch, Profiler } from "@sightline/shared/debug";
import { silentLogger } from "@sightline/shared/telemetry";
import { buildApi } from "../../../hub/src/api/server.ts";
import { RecordingAuditLog } from "../../../hub/src/audit/testing.ts";
import { buildDebugServer } from "../../../hub/src/debug/server.ts";
import { type KnownRoute, routesOf } from "../../../hub/src/security/access/route-guard.ts";
import { at, textAt } from "../../kit/json.ts";
import { logLines } from "../../kit/logs.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type KubeClient, SandboxError } from "../../sandbox/mod.ts";
import { createAuthority } from "../../sandbox/pki.ts";

/** A stage whose hub and agent can be looked into. */
export interface DebugStage extends Stage {
  /** The hub's listener, over TLS, with a token or without one. Answers of every status are given back. */
  hub(token?: string): Promise<Got>;
  /** The agent's, on its loopback. */
  agent(): Promise<Got>;
  /** The hub's API. */
  api0(token?: string): Got;
  profileDir: string;
}

const NAMESPACE = "default";

/** One hub, one agent, both with a debug listener on a free port. */
export async function openDebugStage(): Promise<DebugStage> {
  const dir = await mkdtemp(join(tmpdir(), "sightline-debug-"));
  const authority = await createAuthority(dir);
  const { certFile, keyFile } = await authority.issue("debug", "CN=sightline-hub", "server");
  const listen = ["--debug-listen", "127.0.0.1:0"];
  const hub = ["--metrics-authorization", ...listen, "--debug-tls-cert", certFile, "--debug-tls-key", keyFile, "--debug-profile-dir", dir];
  const stage = await openStage("eu-1:eu-west-1:production", { flags: { hub, agent: listen } });
  return {
    ...stage,
    profileDir: dir,
    hub: async (token) => clientOf(await listenerOf(stage.sandbox.state.hubs[0]), { https: { certificateAuthority: authority.ca }, ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }) }),
    api0: (token) => clientOf(stage.sandbox.state.hubs[0]?.api ?? "", token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    agent: async () => clientOf(await listenerOf(stage.sandbox.state.agents[0]), {}),
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function clientOf(base: string, options: OptionsInit): Got {
  return got.extend({ ...options, prefixUrl: base, retry: { limit: 0 }, timeout: { request: 60_000 }, throwHttpErrors: false });
}

/** It says in its log on which port it ended up. */
async function listenerOf(part: { readonly log: string } | undefined): Promise<string> {
  if (part === undefined) throw new SandboxError("there is no such part");
  return await waitUntil({ what: "the debug listener", timeoutMs: 30_000 }, async () => {
    const line = (await logLines(part)).findLast(({ message }) => message === "Debug listener listens");
    return textAt(line, "url");
  });
}

/** Every route of a hub's listeners, as their routers know them; the names in their paths are those of `object`. */
export function hubRoutes(object: { namespace: string; name: string }): readonly KnownRoute[] {
  const guard = { authenticator: NOBODY, authoriser: NOBODY, audit: new RecordingAuditLog() };
  const level = { level: "info", setLevel: () => undefined } as const;
  const profiled = { component: "hub", profiler: new Profiler(systemClock), eventLoop: new EventLoopWatch(), level, logger: silentLogger, argv: [] };
  const servers = [
    buildApi({ logger: silentLogger, registries: () => [], readiness: [], liveness: [], role: () => "active", guard }),
    buildDebugServer({ logger: silentLogger, guard, routes: debugRoutes(profiled), inspect: () => undefined }),
  ];
  profiled.eventLoop.close();
  const names: Record<string, string> = { controller: "multicluster-httpmonitor", ...object };
  return servers.flatMap((server) => routesOf(server).map((route) => ({ ...route, url: route.url.replaceAll(/:(\w+)/g, (_, name: string) => names[name] ?? "") })));
}

const NOBODY = {
  authenticate: () => Promise.reject(new SandboxError("nobody asks")),
  authorise: () => Promise.reject(new SandboxError("nobody asks")),
};

/** A new ServiceAccount's token; one who may debug, or one without any right. */
export async function tokenOf(client: KubeClient, name: string, role?: string): Promise<string> {
  const account = { namespace: NAMESPACE, name };
  await client.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: account });
  if (role !== undefined) {
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role };
    await client.apply({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata: { name: `${role}-${name}` }, roleRef, subjects: [{ kind: "ServiceAccount", ...account }] });
  }
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
  const answer = await client.post(`api/v1/namespaces/${NAMESPACE}/serviceaccounts/${name}/token`, request);
  const token = at(answer, "status", "token");
  if (typeof token !== "string") throw new SandboxError(`no token for ${name}`);
  return token;
}
