import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONFIG_MAPS, SECRETS } from "../kube/resources.ts";
import { EMPTY_BOOK, type LeakBook, LEAK_RESOURCES, type LeakResource, leaksIn, nextBook, type Suspect } from "./leak-book.ts";

const AGE_MS = 600;

function suspect(leak: LeakResource, name: string, since?: number): Suspect {
  const object = { name, uid: name };
  return { leak, id: `${leak} ${name}`, name, event: { resource: leak === "secret" ? SECRETS : CONFIG_MAPS, object, reason: "Orphaned", message: "" }, ...(since === undefined ? {} : { since }) };
}

type Look = readonly [now: number, looked: readonly LeakResource[], suspects: readonly Suspect[]];

/** What each look found and saw gone, as `+name` and `-name`. */
function follow(...looks: readonly Look[]): string[][] {
  let book: LeakBook = EMPTY_BOOK;
  return looks.map(([now, looked, suspects]) => {
    const next = nextBook(book, { looked: new Set(looked), suspects }, { now, ageMs: AGE_MS });
    ({ book } = next);
    return [...next.found.map(({ name }) => `+${name}`), ...next.gone.map(({ name }) => `-${name}`)];
  });
}

describe("the book of leaks", () => {
  const a = suspect("secret", "a");
  const map = suspect("configmap", "map");

  it.each<[string, Look[], string[][]]>([
    ["finds what has been suspected for long enough, once", [[0, ["secret"], [a]], [500, ["secret"], [a]], [600, ["secret"], [a]], [900, ["secret"], [a]]], [[], [], ["+a"], []]],
    ["forgets a suspicion that ended", [[0, ["secret"], [a]], [500, ["secret"], []], [600, ["secret"], [a]], [1100, ["secret"], [a]], [1200, ["secret"], [a]]], [[], [], [], [], ["+a"]]],
    ["finds at once what itself says since when", [[1000, ["finalizer"], [suspect("finalizer", "old", 300), suspect("finalizer", "new", 500)]], [1100, ["finalizer"], [suspect("finalizer", "old", 300), suspect("finalizer", "new", 500)]]], [["+old"], ["+new"]]],
    ["sees what is gone, and finds it anew when it is back", [[0, ["secret"], [a]], [600, ["secret"], [a]], [700, ["secret"], []], [800, ["secret"], [a]], [1400, ["secret"], [a]]], [[], ["+a"], ["-a"], [], ["+a"]]],
    ["says nothing of a kind that could not be looked at", [[0, ["secret", "configmap"], [a, map]], [600, ["configmap"], [map]], [700, ["secret"], [a]], [800, ["configmap"], []]], [[], ["+map"], ["+a"], ["-map"]]],
    ["ends a suspicion that was never a leak without a word", [[0, ["secret"], [a]], [100, ["secret"], []]], [[], []]],
  ])("%s", (_name, looks, expected) => {
    expect(follow(...looks)).toEqual(expected);
  });

  it("never finds twice what was not gone in between, and holds exactly what it found and did not see gone", () => {
    const names = fc.subarray(["a", "b", "c"]);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(400), names, fc.boolean()), { maxLength: 20 }), (looks) => {
        let book: LeakBook = EMPTY_BOOK;
        let now = 0;
        const open = new Set<string>();
        for (const [stepMs, present, canLook] of looks) {
          now += stepMs;
          const { book: next, found, gone } = nextBook(book, { looked: new Set(canLook ? LEAK_RESOURCES : []), suspects: present.map((name) => suspect("secret", name)) }, { now, ageMs: AGE_MS });
          book = next;
          for (const { name } of found) {
            expect(open.has(name)).toBe(false);
            open.add(name);
          }
          for (const { name } of gone) expect(open.delete(name)).toBe(true);
          expect(leaksIn(book).map(({ name }) => name).toSorted()).toEqual([...open].toSorted());
        }
      }),
    );
  });
});
