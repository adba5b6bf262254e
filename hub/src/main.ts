import { randomShare, systemClock } from "@sightline/shared";
import { createLogger, errorFields, requestFields, spanFields, startTracing } from "@sightline/shared/telemetry";
import { readHubKeys } from "./identity/hub-keys.ts";
import { readConfig } from "./config.ts";
import { Hub } from "./hub.ts";
import { HUB_VERSION } from "./version.ts";

const config = readConfig(process.argv);
const logger = createLogger({ component: "hub", level: config.logLevel, ambient: () => ({ ...requestFields(), ...spanFields() }) });

/** How long stopping waits for the collector. Milliseconds. */
const TRACES_LIMIT_MS = 2000;

/** Runs until a signal. A second one, or a stop that hangs, ends the process at once. */
async function run(): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  const failed = Promise.withResolvers<never>();
  const tracer = await startTracing({ config: config.tracing, service: { name: "sightline-hub", version: HUB_VERSION }, clock: systemClock, logger });
  try {
    const keys = await readHubKeys(config.keysDir);
    const hub = new Hub({ config, keys, clock: systemClock, random: randomShare, logger, level: logger, tracer, fail: failed.reject });
    // Waiting for Kubernetes or NATS must not keep a signal from ending it.
    const signal = await Promise.race([ended, failed.promise, hub.start().then(() => ended)]);
    logger.info("Hub stops", { signal });
    await Promise.race([failed.promise, hub.stop()]);
  } finally {
    // Also of a hub that fails: its last spans tell why.
    await tracer.close(TRACES_LIMIT_MS);
  }
}

let exitCode = 0;
try {
  await run();
} catch (error) {
  logger.error("The hub could not run", errorFields(error));
  exitCode = 1;
}
await logger.close();
process.exit(exitCode);
