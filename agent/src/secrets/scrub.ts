/** What stands where a secret stood. */
const MASK = "[secret]";

/** A shorter piece could be any word: taking it out would tell more than leaving it. */
const SHORTEST_PIECE = 8;
const SHORTEST_VALUE = 4;

/** Static headers that hold credentials by their definition. */
const CREDENTIALS = new Set(["authorization", "cookie"]);

/**
 * Takes secrets out of a text that a target had a part in: one that echoes a header in its Location puts it into our own
 * sentences. Upper and lower case are the same, since host names lose it. Each value is looked for as a whole and by its
 * pieces, as in `Bearer TOKEN`; encodings of it are not.
 */
export function scrubbed(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const part of secrets.flatMap((secret) => partsOf(secret)).toSorted((a, b) => b.length - a.length)) clean = without(clean, part.toLowerCase());
  return clean;
}

/** The secrets of a request: values of secret headers, and credentials that the monitor gives in clear. */
export function secretsOf(headers: Readonly<Record<string, string>>, secretHeaders: Readonly<Record<string, string>>): string[] {
  const given = Object.entries(headers).filter(([name]) => CREDENTIALS.has(name.toLowerCase()));
  return [...given.map(([, value]) => value), ...Object.values(secretHeaders)];
}

function partsOf(secret: string): string[] {
  const pieces = secret.split(/[^A-Za-z0-9._~-]+/).filter((piece) => piece.length >= SHORTEST_PIECE);
  return secret.length >= SHORTEST_VALUE ? [secret, ...pieces] : pieces;
}

function without(text: string, part: string): string {
  const lower = text.toLowerCase();
  // A letter whose lower case has another length would move what is cut: then nothing of the text is kept.
  if (lower.length !== text.length) return lower.includes(part) ? MASK : text;
  let clean = "";
  let from = 0;
  for (let at = lower.indexOf(part); at >= 0; at = lower.indexOf(part, from)) {
    clean += text.slice(from, at) + MASK;
    from = at + part.length;
  }
  return clean + text.slice(from);
}
