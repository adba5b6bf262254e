import { randomShare, systemClock } from "@sightline/shared";
import { connectAgentLink } from "@sightline/shared/nats";
import { createLogger, errorFields } from "@sightline/shared/telemetry";
import { Agent } from "./agent.ts";
import { readSettings } from "./settings.ts";
import { widenThreadPool } from "./thread-pool.ts";

widenThreadPool(process.env);
const settings = readSettings(process.argv.slice(2));
const log = createLogger({ component: "agent", level: settings.logLevel });
const { cluster, ordinal } = settings;

async function run(): Promise<void> {
  const agent = await Agent.start({
    ...settings,
    clock: systemClock,
    random: randomShare,
    log,
    connect: () =>
      connectAgentLink(
        {
          servers: settings.natsUrl,
          seedFile: settings.natsNkeySeedFile,
          name: `agent-${cluster}-${ordinal}`,
          ...(settings.natsCa === undefined ? {} : { caFile: settings.natsCa }),
        },
        cluster,
        ordinal,
      ),
  });
  const signal = await new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  log.info("Stopping", { signal });
  await agent.stop();
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
