import { reconcileStreams, wantedStreams } from "@sightline/shared/nats";
import { ASSIGNMENT_STREAM } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";

import { at } from "../../kit/json.ts";
import { natsBench } from "./support.ts";

describe("the streams", () => {
  const bench = natsBench();

  it("are made once, left alone while they are as wanted, and brought back when somebody changes or deletes one", async () => {
    const connection = await bench.connect();
    const updates: string[] = [];
    const watching = connection.subscribe("$JS.EVENT.ADVISORY.STREAM.UPDATED.>", { callback: (_error, { subject }) => void updates.push(subject) });
    const config = async (): Promise<unknown> => at((await connection.request(`$JS.API.STREAM.INFO.${ASSIGNMENT_STREAM}`)).json<unknown>(), "config");
    expect(await reconcileStreams(connection, 1)).toEqual([]);
    const wanted = await config();
    await connection.flush();
    expect(updates).toEqual([]);

    const stored = typeof wanted === "object" ? { ...wanted } : {};
    const answer = await connection.request(`$JS.API.STREAM.UPDATE.${ASSIGNMENT_STREAM}`, JSON.stringify({ ...stored, max_age: 600_000_000_000 }));
    expect(at(answer.json<unknown>(), "error")).toBeUndefined();
    expect(at(await config(), "max_age")).toBe(600_000_000_000);
    expect(await reconcileStreams(connection, 1)).toEqual([]);
    expect(at(await config(), "max_age")).toBe(0);

    await connection.request("$JS.API.STREAM.DELETE.results");
    expect(await reconcileStreams(connection, 1)).toEqual(["results"]);
    expect(wantedStreams(3).every(({ num_replicas }) => num_replicas === 3)).toBe(true);
    watching.unsubscribe();
  });
});
