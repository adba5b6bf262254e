import { describe, expect, it } from "vitest";
import { requestFields, setRequestUser, withRequest } from "./request-context.ts";

/** What is known at the beginning, and after the user is. */
async function seen(id: string, user: string): Promise<unknown[]> {
  const before = requestFields();
  await Promise.resolve();
  setRequestUser(user);
  await new Promise((resolve) => setImmediate(resolve));
  return [id, before, requestFields()];
}

describe("the request that a line belongs to", () => {
  it("is none outside of one", () => {
    setRequestUser("nobody");
    expect(requestFields()).toEqual({});
  });

  it("is known to all that it starts, with its user as soon as that is known, and to no other", async () => {
    const one = withRequest({ request_id: "1" }, async () => seen("1", "ann"));
    const two = withRequest({ request_id: "2" }, async () => seen("2", "bob"));
    expect(await Promise.all([one, two])).toEqual([
      ["1", { request_id: "1" }, { request_id: "1", user_id: "ann" }],
      ["2", { request_id: "2" }, { request_id: "2", user_id: "bob" }],
    ]);
  });
});
