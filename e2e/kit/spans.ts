/** Reading what a collector has written: OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
import { readFile } from "node:fs/promises";

import { at, listAt, textAt } from "./json.ts";

export interface SeenSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** "" of a root. */
  readonly parentSpanId: string;
  /** Trace and span of each link. */
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the process that made it. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
  /** OTLP's number: 1 internal, 3 client, 5 consumer. */
  readonly kind: number;
  /** True when its status is an error. */
  readonly failed: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly startMs: number;
  readonly endMs: number;
}

const ERROR = 2;

/** All spans in a collector's file. The last line may still be written: it is left out then. */
export async function spansIn(file: string): Promise<SeenSpan[]> {
  const text = await readFile(file, "utf8");
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n").filter((line) => line !== "");
  return lines.flatMap((line) => spansOf(JSON.parse(line)));
}

function spansOf(request: unknown): SeenSpan[] {
  return listAt(request, "resourceSpans").flatMap((ofResource) => {
    const resource = attributesAt(at(ofResource, "resource"));
    return listAt(ofResource, "scopeSpans").flatMap((ofScope) => {
      const scope = textAt(ofScope, "scope", "name") ?? "";
      return listAt(ofScope, "spans").map((span) => ({ ...spanOf(span), resource, scope }));
    });
  });
}

function spanOf(span: unknown): Omit<SeenSpan, "resource" | "scope"> {
  const text = (key: string): string => textAt(span, key) ?? "";
  return {
    name: text("name"),
    traceId: text("traceId"),
    spanId: text("spanId"),
    parentSpanId: text("parentSpanId"),
    links: listAt(span, "links").map((link) => ({ traceId: textAt(link, "traceId") ?? "", spanId: textAt(link, "spanId") ?? "" })),
    attributes: attributesAt(span),
    kind: Number(at(span, "kind")),
    failed: at(span, "status", "code") === ERROR,
    startMs: Number(text("startTimeUnixNano")) / 1e6,
    endMs: Number(text("endTimeUnixNano")) / 1e6,
  };
}

function attributesAt(value: unknown): Record<string, unknown> {
  return Object.fromEntries(listAt(value, "attributes").map((attribute) => [textAt(attribute, "key") ?? "", plain(at(attribute, "value"))]));
}

/** 64-bit integers are texts in JSON. */
function plain(value: unknown): unknown {
  const whole = at(value, "intValue");
  return whole === undefined ? (at(value, "stringValue") ?? at(value, "boolValue") ?? at(value, "doubleValue")) : Number(whole);
}
