import manifest from "../package.json" with { type: "json" };

/** The version of this agent, as it says in its heartbeats and in its User-Agent. */
export const AGENT_VERSION: string = manifest.version;
