import { lex, type Token } from "./selector-tokens.ts";

/**
 * Kubernetes label selectors, as kubectl's `-l` takes them (k8s.io/apimachinery/pkg/labels, `Parse`):
 * `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas, all of which must hold.
 */

export type Requirement =
  | { key: string; operator: "in" | "notin"; values: string[] }
  | { key: string; operator: "exists" }
  | { key: string; operator: "absent" };

/** Why a selector could not be read: what stands where, and what would be right. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}

export type Labels = Readonly<Record<string, string>>;

/** The empty selector holds for everything. @throws SelectorError */
export function parseSelector(text: string): Requirement[] {
  const parser = new Parser(text);
  const requirements: Requirement[] = [];
  if (parser.peek().kind === "end") return requirements;
  for (;;) {
    requirements.push(parser.requirement());
    const token = parser.take();
    if (token.kind === "end") return requirements;
    if (token.kind !== ",") throw parser.unexpected(token, "a comma or the end");
  }
}

/** As in Kubernetes, `!=` and `notin` also hold where the label is not set at all. */
export function matchesSelector(requirements: readonly Requirement[], labels: Labels): boolean {
  return requirements.every((requirement) => meets(requirement, Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined));
}

/** The canonical text of a selector: parsing it gives the same requirements. */
export function formatSelector(requirements: readonly Requirement[]): string {
  return requirements.map((requirement) => format(requirement)).join(",");
}

function meets(requirement: Requirement, value: string | undefined): boolean {
  if (requirement.operator === "exists") return value !== undefined;
  if (requirement.operator === "absent") return value === undefined;
  const listed = value !== undefined && requirement.values.includes(value);
  return requirement.operator === "in" ? listed : !listed;
}

function format(requirement: Requirement): string {
  if (requirement.operator === "exists") return requirement.key;
  if (requirement.operator === "absent") return `!${requirement.key}`;
  return `${requirement.key} ${requirement.operator} (${requirement.values.join(",")})`;
}

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Whether the text can be the key of a label: a name, or `prefix/name`. */
export function isLabelKey(text: string): boolean {
  const [name = "", prefix, ...rest] = text.split("/").toReversed();
  return NAME.test(name) && (prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix))) && rest.length === 0;
}

/** Whether the text can be the value of a label. The empty one can. */
export function isLabelValue(text: string): boolean {
  return text === "" || NAME.test(text);
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = lex(text);
  }

  peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", at: 0 };
  }

  take(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  requirement(): Requirement {
    const negated = this.#accept("!");
    const key = this.#key();
    if (negated) return { key, operator: "absent" };
    const next = this.peek();
    if (next.kind === "end" || next.kind === ",") return { key, operator: "exists" };
    return this.#comparison(key, this.take());
  }

  unexpected(token: Token, wanted: string): SelectorError {
    const found = token.kind === "end" ? "it ends" : `found ${JSON.stringify(token.text)}`;
    return new SelectorError(`${found} at position ${token.at + 1} where ${wanted} must stand`);
  }

  #comparison(key: string, operator: Token): Requirement {
    if (operator.kind === "=" || operator.kind === "==") return { key, operator: "in", values: [this.#exactValue()] };
    if (operator.kind === "!=") return { key, operator: "notin", values: [this.#exactValue()] };
    if (operator.kind === "word" && (operator.text === "in" || operator.text === "notin")) return { key, operator: operator.text, values: this.#values() };
    throw this.unexpected(operator, "=, ==, !=, in, notin, a comma or the end");
  }

  #accept(kind: Token["kind"]): boolean {
    const there = this.peek().kind === kind;
    if (there) this.#at += 1;
    return there;
  }

  #key(): string {
    const token = this.take();
    if (token.kind !== "word") throw this.unexpected(token, "a label key");
    if (isLabelKey(token.text)) return token.text;
    throw new SelectorError(`${JSON.stringify(token.text)} is not a label key, such as tier or example.com/tier`);
  }

  #exactValue(): string {
    const next = this.peek();
    if (next.kind === "end" || next.kind === ",") return "";
    return this.#value(this.take());
  }

  /** `(a,b)`. As in Kubernetes, an empty place stands for the empty value. */
  #values(): string[] {
    const open = this.take();
    if (open.kind !== "(") throw this.unexpected(open, "(");
    const values = new Set<string>();
    for (;;) {
      const next = this.peek();
      values.add(next.kind === "," || next.kind === ")" ? "" : this.#value(this.take()));
      const separator = this.take();
      if (separator.kind === ")") return [...values].toSorted();
      if (separator.kind !== ",") throw this.unexpected(separator, "a comma or )");
    }
  }

  #value(token: Token): string {
    if (token.kind !== "word") throw this.unexpected(token, "a label value");
    if (isLabelValue(token.text)) return token.text;
    throw new SelectorError(`${JSON.stringify(token.text)} is not a label value: at most 63 letters, digits, "-", "_" and "."`);
  }
}
