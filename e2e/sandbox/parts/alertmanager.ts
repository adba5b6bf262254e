/** One Alertmanager, without peers. */
import path from "node:path";

import { answersOk, type ObserverInput } from "./observer.ts";
import { onFreePorts } from "./on-free-ports.ts";

/** Starts it with a configuration file, and gives its address. */
export async function startAlertmanager({ supervisor, layout, binary, ports }: ObserverInput, configFile: string): Promise<string> {
  return await onFreePorts(ports, 1, async (port) => {
    const listen = `127.0.0.1:${port}`;
    await supervisor.start({
      name: "alertmanager",
      command: binary,
      args: [
        `--config.file=${configFile}`,
        `--storage.path=${path.join(layout.observers, "alertmanager")}`,
        `--web.listen-address=${listen}`,
        // Empty: no gossip, and so no port for it.
        "--cluster.listen-address=",
      ],
      log: path.join(layout.logs, "alertmanager.log"),
      layer: 2,
      ready: () => answersOk(`http://${listen}/-/ready`),
    });
    return `http://${listen}`;
  });
}
