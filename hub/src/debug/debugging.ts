import { mkdir } from "node:fs/promises";
import { type Clock, messageOf } from "@sightline/shared";
import { debugRoutes, DebugError, EventLoopWatch, Profiler } from "@sightline/shared/debug";
import type { LevelControl, Logger } from "@sightline/shared/telemetry";
import { type Listening, listenOn } from "../api/listen.ts";
import type { AuditLog } from "../audit/types.ts";
import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/errors.ts";
import type { Around } from "../kube/types.ts";
import { guardBy } from "../security/access/route-guard.ts";
import type { DebugConfig } from "./flags.ts";
import { ReconcileInspector } from "./reconcile-inspector.ts";
import { buildDebugServer } from "./server.ts";

export interface DebuggingOptions {
  config: DebugConfig;
  client: KubeClient;
  audit: AuditLog;
  clock: Clock;
  logger: Logger;
  level: LevelControl;
  enqueue: (controller: string, key: string) => Enqueued;
}

/** What became of a request for a reconcile: `absent` when there is no such controller, `standby` while this replica does not lead. */
export type Enqueued = "asked" | "absent" | "without such an object" | "standby";

/** All that helps to see what a hub is at: the debug listener, and what stands around each reconcile. Nothing runs that was not asked for. */
export class Debugging {
  readonly #options: DebuggingOptions;
  readonly #profiler: Profiler;
  readonly #inspector: ReconcileInspector | undefined;
  #eventLoop: EventLoopWatch | undefined;
  #server: Listening | undefined;

  constructor(options: DebuggingOptions) {
    this.#options = options;
    const { config, clock, logger } = options;
    this.#profiler = new Profiler(clock);
    if (config.listen === undefined && !config.reconciliation) return;
    const heap = (): Promise<Uint8Array> => this.#profiler.heap();
    this.#inspector = new ReconcileInspector({ always: config.reconciliation, profileDir: config.profileDir, heap, clock, logger });
  }

  /** What every reconcile passes through. */
  get around(): Around[] {
    return this.#inspector === undefined ? [] : [this.#inspector.around];
  }

  /** Opens the listener, if one is wanted. */
  async start(): Promise<void> {
    const { config, client, audit, clock, logger, level } = this.#options;
    if (config.listen === undefined) return;
    if (config.profileDir !== undefined) await makeFolder(config.profileDir);
    this.#eventLoop = new EventLoopWatch();
    await this.#profiler.start();
    const options = {
      logger,
      guard: guardBy({ client, clock, audit }),
      routes: debugRoutes({ component: "hub", profiler: this.#profiler, eventLoop: this.#eventLoop, level, logger, argv: process.argv }),
      inspect: (controller: string, key: string) => this.#inspect(controller, key),
    };
    this.#server = await listenOn({ listen: config.listen, tlsFiles: config.tls, clock, logger }, (tls) => buildDebugServer({ ...options, ...(tls === undefined ? {} : { tls }) }));
    logger.info("Debug listener listens", { url: this.#server.url });
  }

  async close(): Promise<void> {
    await this.#server?.close();
    if (this.#server !== undefined) this.#profiler.close();
    this.#eventLoop?.close();
    this.#inspector?.close();
  }

  #inspect(controller: string, key: string): string | undefined {
    const { enqueue, config } = this.#options;
    const answer = enqueue(controller, key);
    if (answer === "absent") throw new DebugError("NO_SUCH_CONTROLLER", `there is no controller ${controller}`);
    if (answer === "without such an object") throw new DebugError("NO_SUCH_OBJECT", `there is no ${key} that ${controller} reconciles`);
    if (answer === "standby") throw new KubeError("NOT_LEADING", "this replica does not lead: ask the one whose /readyz says active", { retryable: true });
    // No worker has taken the key yet: nothing else ran since.
    this.#inspector?.ask({ controller, key });
    return config.profileDir;
  }
}

/** Found missing only when a profile is to be written, it would be a line in the log that nobody waits for. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DebugError("INVALID_ARGUMENT", `the folder of --debug-profile-dir cannot be made: ${messageOf(cause)}`, { cause });
  }
}
