import type { Status } from "nats";
import { describe, expect, it } from "vitest";
import { followLink } from "./link-state.ts";

async function heard(...types: ("disconnect" | "reconnect" | "update")[]): Promise<boolean[]> {
  async function* status(): AsyncGenerator<Status> {
    for (const type of types) yield type === "update" ? { type } : { type, server: "nats:4222" };
  }
  const told: boolean[] = [];
  await followLink({ status }, (connected) => void told.push(connected));
  return told;
}

describe("the state of a connection", () => {
  it("is told when it is another one: not for each attempt that a server refused, nor for each of those again once one is let in", async () => {
    expect(await heard("disconnect", "disconnect", "disconnect", "reconnect", "reconnect", "reconnect", "disconnect", "reconnect")).toEqual([false, true, false, true]);
  });

  it("is told of nothing else", async () => {
    expect(await heard("reconnect", "update", "disconnect", "update")).toEqual([false]);
  });
});
