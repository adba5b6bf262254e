import got from "got";
import { readFile } from "node:fs/promises";
import type { KubeServer } from "../sandbox/mod.ts";
import { at, listAt, textAt } from "./json.ts";

type EtcdAccess = KubeServer["etcd"];

/** Changes what stands under a key, a JSON text, as nobody but etcd's administrator can. Tries again when somebody else writes it meanwhile. */
export async function changeInEtcd(etcd: EtcdAccess, key: string, change: (value: unknown) => unknown): Promise<void> {
  const name = base64(key);
  for (;;) {
    const [found] = listAt(await ask(etcd, "range", { key: name }), "kvs");
    const stored = textAt(found, "value");
    if (stored === undefined) throw new Error(`there is nothing under ${key} in etcd`);
    const value = base64(JSON.stringify(change(JSON.parse(Buffer.from(stored, "base64").toString()))));
    const unchanged = { key: name, target: "MOD", result: "EQUAL", mod_revision: textAt(found, "mod_revision") };
    if (at(await ask(etcd, "txn", { compare: [unchanged], success: [{ request_put: { key: name, value } }] }), "succeeded") === true) return;
  }
}

/** By etcd's JSON gateway: its messages as JSON, bytes in base64. */
async function ask({ url, caFile, leaf }: EtcdAccess, what: "range" | "txn", body: object): Promise<unknown> {
  const https = { certificateAuthority: await readFile(caFile, "utf8"), certificate: leaf.cert, key: leaf.key };
  return await got.post(`${url}/v3/kv/${what}`, { https, json: body, retry: { limit: 0 } }).json();
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
