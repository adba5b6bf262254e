import { messageOf } from "@sightline/shared";
import { checkAuthority, readCreds } from "@sightline/shared/nats";
import type { DoctorRequest } from "./flags.ts";

/** What keeps the named files from being of use, by the flag; undefined when nothing does. Nobody shall look for it at the server. */
export function troubleWithFiles(nats: DoctorRequest["nats"]): string | undefined {
  if (nats === undefined) return undefined;
  const { credsFile, caFile } = nats;
  return troubleOf("--nats-creds", () => readCreds(credsFile)) ?? (caFile === undefined ? undefined : troubleOf("--nats-ca", () => checkAuthority(caFile)));
}

function troubleOf(flag: string, read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return `${flag}: ${messageOf(error)}`;
  }
}
