import manifest from "../package.json" with { type: "json" };

/** The version of this hub, and of the command line that comes with it. */
export const HUB_VERSION: string = manifest.version;
