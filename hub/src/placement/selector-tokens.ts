/** One token of a label selector. `at` is its place in the text, from 0. */
export interface Token {
  kind: "word" | "=" | "==" | "!=" | "!" | "(" | ")" | "," | "other" | "end";
  text: string;
  at: number;
}

const TOKEN = /\s+|(==|!=|=|!|\(|\)|,)|([<>])|([^\s=!(),<>]+)/gy;

/** Cuts a selector into tokens; the last one is always `end`. Every text can be cut: what is wrong is for the parser to say. */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: whole, 1: symbol, 2: other, 3: word, index } of text.matchAll(TOKEN)) {
    if (symbol !== undefined) tokens.push({ kind: symbolKind(symbol), text: whole, at: index });
    else if (other !== undefined) tokens.push({ kind: "other", text: whole, at: index });
    else if (word !== undefined) tokens.push({ kind: "word", text: whole, at: index });
  }
  tokens.push({ kind: "end", text: "", at: text.length });
  return tokens;
}

function symbolKind(symbol: string): Token["kind"] {
  const kinds: Token["kind"][] = ["==", "!=", "=", "!", "(", ")", ","];
  return kinds.find((kind) => kind === symbol) ?? "other";
}
