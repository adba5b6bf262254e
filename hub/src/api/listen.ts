import type { Clock } from "@sightline/shared";
import type { HostPort } from "@sightline/shared/flags";
import type { Logger } from "@sightline/shared/telemetry";
import type { FastifyInstance } from "fastify";
import type { ServerTls } from "./http-server.ts";
import { followTlsFiles, readTlsFiles, type TlsFiles } from "./tls-files.ts";

export interface ListenOptions {
  /** Port 0 takes a free one. */
  listen: HostPort;
  /** Undefined: plain HTTP. */
  tlsFiles: TlsFiles | undefined;
  clock: Clock;
  logger: Logger;
}

export interface Listening {
  /** `http://host:port`, or https. */
  url: string;
  close(): Promise<void>;
}

/** Opens a server that `build` makes; with TLS its certificate follows its files. @throws TlsFileError */
export async function listenOn({ listen, tlsFiles: files, ...options }: ListenOptions, build: (tls: ServerTls | undefined) => FastifyInstance): Promise<Listening> {
  const inForce = files === undefined ? undefined : await readTlsFiles(files);
  const server = build(inForce);
  const url = await server.listen(listen);
  const closing = new AbortController();
  const following = files === undefined || inForce === undefined ? undefined : followTlsFiles(server, { files, inForce, ...options }, closing.signal);
  return {
    url,
    close: async () => {
      closing.abort();
      await Promise.all([following, server.close()]);
    },
  };
}
