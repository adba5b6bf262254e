/** Names as a sentence holds them: at most `most`, and how many more there are. */
export function abridged(names: readonly string[], most = 5): string {
  return names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
