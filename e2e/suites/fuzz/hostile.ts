import fc from "fast-check";

/** Values that parsers trip over. */
const NASTY: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 1,
  "",
  " ",
  "\u0000",
  "\ud800",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "*",
  "9".repeat(400),
  "a".repeat(100_000),
  "1h".repeat(20_000),
  "https://user:pw@169.254.169.254/?q#f",
  "javascript:alert(1)",
  [],
  {},
  Array.from({ length: 5000 }, (_, index) => index),
  Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, "v"])),
  JSON.parse('{"__proto__":{"polluted":true}}'),
  { constructor: { prototype: { polluted: true } } },
  nested(2000),
];

/** Pieces of text that lexers, globs and regular expressions trip over. */
const FRAGMENTS = ["*", "**", "!", ",", ",,", "=", "==", "!=", " in (", ")", "((", " notin ", "/", "//", ".", "..", ":", "::", "%", "\0", "\n", "\r\n", "\ud83d", "é", "‮", "-", "0", "a", "h", "ms", "$KV", ">", "_INBOX", "__proto__", "eyJ", "=".repeat(64)];

const nastyValue = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...NASTY) }, { weight: 2, arbitrary: fc.jsonValue() });

/** A value like `valid`, with up to three places of it changed, left out or doubled. */
export function hostileJson(valid: unknown): fc.Arbitrary<unknown> {
  const change = fc.record({ path: fc.array(fc.nat(30), { maxLength: 6 }), how: fc.constantFrom<"put" | "drop" | "add">("put", "put", "drop", "add"), value: nastyValue });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => changes.reduce((value, { path, how, value: put }) => mutate(value, path, how === "put" ? () => put : how === "drop" ? () => undefined : (old) => [old, put]), valid));
}

/** Bytes of such a value; or the valid ones cut, doubled, or with bytes changed; or any at all. */
export function hostileBytes(valid: unknown): fc.Arbitrary<Uint8Array> {
  const text = new TextEncoder().encode(JSON.stringify(valid));
  const flipped = fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => changes.reduce((bytes, [at, byte]) => bytes.with(at, byte), text));
  const cut = fc.tuple(fc.nat(text.length), fc.nat(text.length)).map(([from, to]) => text.slice(Math.min(from, to), Math.max(from, to)));
  const doubled = fc.constantFrom(Buffer.concat([text, text]), Buffer.concat([Buffer.from("\ufeff"), text]), Buffer.from("[".repeat(100_000)), Buffer.from('{"a":'.repeat(50_000)));
  const json = hostileJson(valid).map((value) => new TextEncoder().encode(JSON.stringify(value) ?? ""));
  return fc.oneof({ weight: 6, arbitrary: json }, { weight: 2, arbitrary: flipped }, cut, doubled, fc.uint8Array({ maxLength: 300 }));
}

/** A text like `valid`, with pieces put in, left out, or repeated until it is long. */
export function hostileText(valid: string): fc.Arbitrary<string> {
  const piece = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...FRAGMENTS) }, { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) });
  const changed = fc.array(fc.record({ at: fc.nat(), drop: fc.nat(4), put: piece }), { minLength: 1, maxLength: 4 }).map((changes) => changes.reduce((text, { at, drop, put }) => splice(text, at % (text.length + 1), drop, put), valid));
  const long = fc.tuple(piece, fc.integer({ min: 1000, max: 50_000 })).map(([put, times]) => `${valid}${put.repeat(times).slice(0, 200_000)}!`);
  return fc.oneof({ weight: 6, arbitrary: changed }, { weight: 1, arbitrary: long }, fc.string({ unit: "binary" }), fc.constantFrom(...NASTY.filter((value) => typeof value === "string")));
}

function splice(text: string, at: number, drop: number, put: string): string {
  return `${text.slice(0, at)}${put}${text.slice(at + drop)}`;
}

/** The value with a change in the place that `path` leads to; numbers pick keys, so that every place is reached. */
function mutate(value: unknown, path: readonly number[], change: (old: unknown) => unknown): unknown {
  const [pick, ...rest] = path;
  if (typeof value !== "object" || value === null || pick === undefined) return change(value);
  const keys = Object.keys(value);
  const at = keys[pick % Math.max(1, keys.length)];
  if (at === undefined) return change(value);
  const entries: [string, unknown][] = Object.entries(value);
  if (Array.isArray(value)) return entries.map(([key, item]) => (key === at ? mutate(item, rest, change) : item));
  return Object.fromEntries(entries.map(([key, item]) => [key, key === at ? mutate(item, rest, change) : item]));
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
