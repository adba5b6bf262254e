import type { Clock } from "@sightline/shared";
import { type AgentLink, connectAgentLink, credsFile } from "@sightline/shared/nats";
import type { Logger } from "@sightline/shared/telemetry";
import type { AgentOptions } from "./agent.ts";
import { FileStore } from "./identity/file-store.ts";
import { AgentIdentity } from "./identity/identity.ts";
import { podAccess, SecretStore } from "./identity/secret-store.ts";
import type { IdentityStore } from "./identity/stored-identity.ts";
import type { AgentSettings } from "./settings.ts";

/** How an agent stands with the hub: as whom it connects, and whom it believes. */
export interface Standing extends Pick<AgentOptions, "natsServers" | "hubKeys" | "opener" | "connect" | "unfit" | "connected" | "shutOut"> {
  start(): void;
  stop(): Promise<void>;
}

/** How long an attempt to connect waits for credentials, so that the first ones are used at once. Milliseconds. */
const AWAIT_CREDENTIALS_MS = 2000;

export async function standingOf(settings: AgentSettings, tools: { clock: Clock; random: () => number; log: Logger }): Promise<Standing> {
  return settings.natsCreds === undefined ? await enrolling(settings, tools) : fixed(settings, settings.natsCreds);
}

/** As an installation's agents are: they make their keys, enrol by a join token, and renew their credentials. */
async function enrolling(settings: AgentSettings, tools: { clock: Clock; random: () => number; log: Logger }): Promise<Standing> {
  const { cluster, ordinal, natsUrl: servers, natsCa: caFile, joinTokenFile, dataDir } = settings;
  const identity = await AgentIdentity.open({ ...tools, cluster, dataDir, store: storeOf(settings), joinTokenFile, servers, caFile });
  const connect = async (): Promise<AgentLink> => {
    await identity.ready(AWAIT_CREDENTIALS_MS);
    return await connectAgentLink({ ...identity.settings, name: `agent-${cluster}-${ordinal}` }, { cluster, ordinal, key: () => identity.signingKey });
  };
  return {
    natsServers: () => identity.servers,
    hubKeys: () => identity.hubKeys,
    opener: () => identity.opener,
    connect,
    unfit: () => identity.missing,
    shutOut: identity.shutOut,
    connected: (is) => identity.connected(is),
    start: () => identity.start(),
    stop: () => identity.stop(),
  };
}

/** With credentials that somebody else looks after. Secret headers cannot be sealed to such an agent. */
function fixed({ cluster, ordinal, natsUrl: servers = [], natsCa: caFile, hubKey = [] }: AgentSettings, natsCreds: string): Standing {
  const settings = { servers, credentials: credsFile(natsCreds), name: `agent-${cluster}-${ordinal}`, ...(caFile === undefined ? {} : { caFile }) };
  return {
    natsServers: () => servers,
    hubKeys: () => hubKey,
    opener: () => undefined,
    connect: () => connectAgentLink(settings, { cluster, ordinal }),
    unfit: () => undefined,
    connected: () => undefined,
    start: () => undefined,
    stop: () => Promise.resolve(),
  };
}

function storeOf({ dataDir, identitySecret }: AgentSettings): IdentityStore {
  return identitySecret === undefined ? new FileStore(dataDir) : new SecretStore(podAccess(process.env), identitySecret);
}
