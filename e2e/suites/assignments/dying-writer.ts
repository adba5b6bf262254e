import { commitBatch, connectNats, credsFile, type NatsConnection } from "@sightline/shared/nats";

import { clusterNames, planFor, uidOf } from "./changes.ts";

/**
 * A writer in a process of its own that is killed (SIGKILL) in the middle of a transaction: all messages but the one that
 * commits have reached the server. Arguments: URL, credentials file, CA file, number of clusters.
 */
const [url = "", file = "", caFile = "", count = ""] = process.argv.slice(2);
const connection = await connectNats({ servers: [url], credentials: credsFile(file), caFile, name: "dying-writer" });
const dying: NatsConnection = new Proxy(connection, {
  get(target, property) {
    if (property === "request") return () => target.flush().then(() => process.kill(process.pid, "SIGKILL"));
    const value: unknown = Reflect.get(target, property, target);
    return typeof value === "function" ? (...args: unknown[]): unknown => Reflect.apply(value, target, args) : value;
  },
});
await commitBatch(dying, planFor(uidOf(1), clusterNames(Number(count))).messages, 5000);
