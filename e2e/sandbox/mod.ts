/** The sandbox for programs: tests, the demo, benchmarks. Nothing that is started here outlives its program, unless it is detached. */
export { type BinaryName } from "./binaries/catalog.ts";
export { resolveBinaries, type ResolveOptions } from "./binaries/resolve.ts";
export { type ClusterSpec, parseClusterSpecs } from "./cluster-spec.ts";
export { type DownResult, takeDown } from "./down.ts";
export { SandboxError } from "./errors.ts";
export { KubeClient, type KubeAccess } from "./kube/client.ts";
export { applyCrds, applyRbac } from "./kube/setup.ts";
export { type NatsOptions, type SandboxOptions, type StartOptions } from "./options.ts";
export { type KubeServer } from "./parts/kube-apiserver.ts";
export { type NatsAccess } from "./parts/nats-server.ts";
export { type PartRecord } from "./parts/record.ts";
export { PartDiedError } from "./parts/supervisor.ts";
export { printer, type Progress, type Report } from "./progress.ts";
export { startSandbox, type Sandbox } from "./sandbox.ts";
export { type Kube, type Nats, type Parts, startKube, startNats } from "./servers.ts";
export { type AgentState, type HubState, parseState, type PartState, readState, type SandboxState } from "./state.ts";
