import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeWhole } from "./file.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sightline-file-"));
});

afterEach(() => rm(dir, { recursive: true }));

describe("a file that is written whole", () => {
  it("holds the last text of many at once, and leaves nothing else behind", async () => {
    const file = join(dir, "state.json");
    const texts = Array.from({ length: 30 }, (_, number) => `${number}`.repeat(1000 * (30 - number)));
    await Promise.all(texts.map((text) => writeWhole(file, text)));
    expect(await readFile(file, "utf8")).toBe(texts.at(-1));
    expect(await readdir(dir)).toEqual(["state.json"]);
  });

  it("can be written after a write that failed", async () => {
    const file = join(dir, "later", "state.json");
    await expect(writeWhole(file, "a")).rejects.toThrow("ENOENT");
    const inPlace = join(dir, "state.json");
    await writeWhole(inPlace, "b");
    expect(await readFile(inPlace, "utf8")).toBe("b");
  });
});
