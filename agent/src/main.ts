import { randomShare, systemClock } from "@sightline/shared";
import { createLogger, errorFields, startTracing } from "@sightline/shared/telemetry";
import { Agent } from "./agent.ts";
import { startDebugServer } from "./debug-server.ts";
import { readSettings } from "./settings.ts";
import { standingOf } from "./standing.ts";
import { widenThreadPool } from "./thread-pool.ts";
import { AGENT_VERSION } from "./version.ts";

widenThreadPool(process.env);
const settings = readSettings(process.argv.slice(2));
const log = createLogger({ component: "agent", level: settings.logLevel });
const { cluster } = settings;

/** All of stopping ends within 5 s: spans have as long as results have. Milliseconds. */
const TRACES_LIMIT_MS = 4000;

async function run(): Promise<void> {
  const service = { name: "sightline-agent", version: AGENT_VERSION, cluster } as const;
  const tracer = await startTracing({ config: settings.tracing, service, clock: systemClock, logger: log });
  const { debugListen } = settings;
  // Before the agent: where its port is taken, nothing runs yet that would have to be ended.
  const debug = debugListen === undefined ? undefined : await startDebugServer({ listen: debugListen, clock: systemClock, log, level: log });
  const standing = await standingOf(settings, { clock: systemClock, random: randomShare, log });
  standing.start();
  const agent = await Agent.start({
    ...settings,
    ...standing,
    kubernetesHost: process.env["KUBERNETES_SERVICE_HOST"],
    tracer,
    clock: systemClock,
    random: randomShare,
    log,
  });
  const signal = await new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  log.info("Stopping", { signal });
  await debug?.close();
  // No probe is under way any more once stopping has begun, so there are no further spans.
  await Promise.all([agent.stop(), standing.stop(), tracer.close(TRACES_LIMIT_MS)]);
}

let exitCode = 0;
try {
  await run();
} catch (error) {
  log.error("The agent could not run", errorFields(error));
  exitCode = 1;
}
await log.close();
// A connection attempt that never ended, or a hanging name lookup, must not keep the process.
process.exit(exitCode);
