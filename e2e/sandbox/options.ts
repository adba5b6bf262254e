import type { PortSource } from "../kit/ports.ts";
import type { ClusterSpec } from "./cluster-spec.ts";
import type { ExtraFlags, Programs } from "./parts/node-part.ts";
import type { Progress } from "./progress.ts";

export interface StartOptions {
  /** The sandbox's folder: made where it is missing; else empty, or an earlier sandbox's that no longer runs. */
  readonly dir: string;
  readonly onProgress?: (progress: Progress) => void;
  /** Aborting ends the start, and everything that was started. */
  readonly signal?: AbortSignal;
  /** For tests of what happens when a port is taken. */
  readonly ports?: PortSource;
}

export interface NatsOptions extends StartOptions {
  /** One NATS user is made for the agent of each. */
  readonly clusters: readonly string[];
}

export interface SandboxOptions extends StartOptions {
  readonly clusters: readonly ClusterSpec[];
  /** Replicas of the hub; 1 when absent. */
  readonly hubs?: number;
  /** False leaves the agents out (the clusters are registered, and have their NATS users); true when absent. */
  readonly agents?: boolean;
  /** What to run in place of the sources. */
  readonly programs?: Programs;
  /** Flags beyond those that the sandbox gives each hub and each agent. */
  readonly flags?: ExtraFlags;
}
