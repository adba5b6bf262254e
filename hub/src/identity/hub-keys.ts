import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, SightlineError } from "@sightline/shared";
import { type SealingKey, sealingKeyOf, type SigningKey, signingKeyOf } from "@sightline/shared/identity";
import { compileSchema } from "@sightline/shared/wire";
import { KEY_FILES, KEYS_FOLDER, type PublicInstallation } from "./installation.ts";

/** What a hub holds of its installation. */
export interface HubKeys {
  /** Signs heads, answers to agents, and records of who authorised what. */
  signing: SigningKey;
  /** Seals what agents alone may read. */
  sealing: SealingKey;
  /** 32 bytes: for recognising a secret without storing it. */
  hmac: Uint8Array;
  /** Seed: signs the account AGENTS, with whom it has revoked. */
  operatorSigningSeed: string;
  /** Seed: signs agents' credentials. */
  agentsSigningSeed: string;
  installation: PublicInstallation;
}

export type KeyFileErrorCode = "KEYS_UNREADABLE";

/** The folder of keys is not what `sightline init` made. Documented in docs/reference/errors.md. */
export class KeyFileError extends SightlineError<KeyFileErrorCode> {
  override readonly name = "KeyFileError";
}

const text = { type: "string", minLength: 1 } as const;
const account = { type: "object", required: ["publicKey", "jwt"], properties: { publicKey: text, jwt: text } } as const;

const validateInstallation = compileSchema<PublicInstallation>({
  type: "object",
  required: ["nats", "operator", "accounts", "agentsSigning", "hubSigning", "hubSealing"],
  properties: {
    nats: { type: "object", required: ["servers"], properties: { servers: { type: "array", minItems: 1, items: text }, ca: text } },
    operator: text,
    accounts: { type: "object", required: ["SYS", "HUB", "AGENTS"], properties: { SYS: account, HUB: account, AGENTS: account } },
    agentsSigning: text,
    hubSigning: text,
    hubSealing: text,
  },
});

/** Reads a folder of files, such as a mounted Secret. @throws KeyFileError with a sentence that names the file. */
export async function readHubKeys(dir: string): Promise<HubKeys> {
  const files: Record<string, string> = {};
  for (const name of Object.values(KEY_FILES)) files[name] = await read(dir, name);
  return hubKeysIn(files, dir);
}

/** The same from texts by file name, such as a Secret's data. @param where how a sentence names their place */
export function hubKeysIn(files: Readonly<Record<string, string>>, where: string): HubKeys {
  const part = <T>(file: string, make: (content: string) => T): T => {
    const content = files[file];
    if (content === undefined) throw new KeyFileError("KEYS_UNREADABLE", `${join(where, file)} is missing: sightline init makes it`);
    try {
      return make(content.trim());
    } catch (cause) {
      throw new KeyFileError("KEYS_UNREADABLE", `${join(where, file)} is not what sightline init makes: ${messageOf(cause)}`, { cause });
    }
  };
  const seed = (file: string): string => part(file, (content) => (signingKeyOf(content), content));
  const keys: HubKeys = {
    signing: part(KEY_FILES.hubSigning, signingKeyOf),
    sealing: part(KEY_FILES.hubSealing, sealingKeyOf),
    hmac: part(KEY_FILES.hmac, hmacKeyOf),
    operatorSigningSeed: seed(KEY_FILES.operatorSigning),
    agentsSigningSeed: seed(KEY_FILES.agentsSigning),
    installation: part(KEY_FILES.installation, (content) => validateInstallation(jsonIn(content), "installation")),
  };
  if (keys.signing.publicKey !== keys.installation.hubSigning) throw new KeyFileError("KEYS_UNREADABLE", `${join(where, KEY_FILES.hubSigning)} is another installation's than ${KEY_FILES.installation}`);
  return keys;
}

function hmacKeyOf(content: string): Uint8Array {
  const key = Buffer.from(content, "base64");
  if (key.byteLength !== 32) throw new Error("32 bytes in base64 are expected");
  return key;
}

/** Without the parser's own sentence, which shows what it read: somebody may have mixed up two files. */
function jsonIn(content: string): unknown {
  try {
    const value: unknown = JSON.parse(content);
    return value;
  } catch {
    throw new Error("it is no JSON");
  }
}

async function read(dir: string, name: string): Promise<string> {
  try {
    return await readFile(join(dir, name), "utf8");
  } catch (cause) {
    throw new KeyFileError("KEYS_UNREADABLE", `${join(dir, name)} cannot be read: ${messageOf(cause)}; ${await adviceFor(dir, name)}`, { cause });
  }
}

/** The whole of what sightline init makes is easily taken for the part of it that is meant. */
async function adviceFor(dir: string, name: string): Promise<string> {
  const below = join(dir, KEYS_FOLDER);
  const isThere = await access(join(below, name)).then(() => true, () => false);
  return isThere ? `did you mean ${below}?` : `name the folder ${KEYS_FOLDER} of what sightline init made`;
}
