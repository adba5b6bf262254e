import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, SightlineError } from "@sightline/shared";
import { natsServers } from "@sightline/shared/flags";
import { checkAuthority } from "@sightline/shared/nats";
import { Option } from "commander";
import { secretManifest } from "../identity/secret.ts";
import { KEY_FILES, KEYS_FOLDER, makeInstallation } from "../identity/installation.ts";
import { accountsConfig } from "../identity/nats-accounts.ts";
import type { AddCommand } from "./program.ts";

/** What `sightline init` is asked. */
export interface InitRequest {
  dir: string;
  namespace: string;
  natsUrl: string[];
  natsCa: string | undefined;
  natsAccountsDir: string;
}

export type InitErrorCode = "FOLDER_IN_USE";

/** Keys that exist are never overwritten: agents would be locked out. Documented in docs/reference/errors.md. */
export class InitError extends SightlineError<InitErrorCode> {
  override readonly name = "InitError";
}

/** The command `init`. */
export function initCommand(init: (request: InitRequest) => Promise<void>): AddCommand {
  return (program) =>
    void program
      .command("init")
      .description("Makes the keys of a new installation: for the hub, for the NATS servers, and those to be kept offline.")
      .addOption(new Option("--dir <dir>", "folder to make them in; it must be empty, or not exist").default("sightline-keys"))
      .addOption(new Option("--nats-url <urls>", "NATS servers (tls://host:port) as agents reach them, separated by commas: join tokens carry them").argParser(natsServers).makeOptionMandatory())
      .addOption(new Option("--nats-ca <file>", "certificate authority of the NATS servers: join tokens carry it"))
      .addOption(new Option("--namespace <namespace>", "the hub's namespace").default("sightline-system"))
      .addOption(new Option("--nats-accounts-dir <dir>", "where the NATS servers keep accounts, on a volume of theirs").default("/data/jwt"))
      .action((flags: InitRequest) => init(flags));
}

/** @throws InitError; SightlineError NATS_FILE_UNREADABLE */
export async function runInit({ dir, namespace, natsUrl, natsCa, natsAccountsDir }: InitRequest): Promise<void> {
  await mustBeEmpty(dir);
  if (natsCa !== undefined) checkAuthority(natsCa);
  const made = await makeInstallation({ servers: natsUrl, ...(natsCa === undefined ? {} : { ca: await readFile(natsCa, "utf8") }) });
  const folders = { keys: join(dir, KEYS_FOLDER), offline: join(dir, "offline") };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(made.keys)) await write(join(folders.keys, name), text);
  for (const [name, text] of Object.entries(made.offline)) await write(join(folders.offline, name), text);
  await write(join(dir, "nats-accounts.conf"), `${JSON.stringify(accountsConfig(made.public, natsAccountsDir), null, 2)}\n`);
  await write(join(dir, "secret.json"), `${JSON.stringify(secretManifest(namespace, made.keys), null, 2)}\n`);
  process.stdout.write(nextSteps(dir, namespace));
}

async function mustBeEmpty(dir: string): Promise<void> {
  try {
    const held = await readdir(dir);
    if (held.length > 0) throw new InitError("FOLDER_IN_USE", `${dir} is not empty: keys are never overwritten, since agents know the hub by them; name another folder with --dir`);
  } catch (error) {
    if (error instanceof InitError) throw error;
    if (!messageOf(error).startsWith("ENOENT")) throw error;
  }
}

/** Readable by its owner only; an existing file is never replaced. */
async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600, flag: "wx" });
}

function nextSteps(dir: string, namespace: string): string {
  return `The keys of a new installation are in ${dir}:

  keys/               what a hub is started with (--keys-dir), ${Object.keys(KEY_FILES).length} files
  secret.json         the same as a Secret: kubectl create -f ${join(dir, "secret.json")}, when the namespace ${namespace} is there
  nats-accounts.conf  for every NATS server: include "nats-accounts.conf" in its configuration
  offline/            keys of the operator and the accounts. Nothing that runs needs them; who has them can make
                      a hub of their own. Move them to where you keep such keys, and delete them here.

Back up the whole folder before you go on, encrypted: with keys/ lost, every agent has to join again.
Next: the NATS servers, that Secret, the hub, then each cluster (docs/operate/install.md).
`;
}
