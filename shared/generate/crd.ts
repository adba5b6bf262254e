import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import { compile } from "json-schema-to-typescript";
import { parse } from "yaml";

/** By default a list of at most 20 becomes a tuple type of each length: pages of text, and no use. */
const LISTS_AS_LISTS = -1;

/** What generation needs of one CustomResourceDefinition. */
export interface Crd {
  kind: string;
  singular: string;
  schema: Schema;
}

export type Schema = { [key: string]: unknown };

const HEADER = "// Generated from crds/ by `pnpm generate`. Do not edit.\n";

/** Keywords of structural schemas that JSON Schema does not know; the API server, not ajv, enforces them. */
const KUBERNETES_KEYWORD = /^x-kubernetes-/;

export function readCrd(text: string): Crd {
  const document = asObject(parse(text), "CRD");
  const spec = asObject(document["spec"], "spec");
  const names = asObject(spec["names"], "spec.names");
  const versions = spec["versions"];
  if (!Array.isArray(versions) || versions.length !== 1) throw new Error("a CRD must have exactly one version");
  const version = asObject(versions[0], "version");
  const schema = asObject(asObject(version["schema"], "schema")["openAPIV3Schema"], "openAPIV3Schema");
  return { kind: String(names["kind"]), singular: String(names["singular"]), schema };
}

/** TypeScript types of one kind, with metadata typed as Kubernetes types it. */
export async function generateTypes(crd: Crd): Promise<string> {
  const schema = closed(stripKubernetes(crd.schema));
  const properties = asObject(schema["properties"], "properties");
  const typed = {
    ...schema,
    required: ["apiVersion", "kind", "metadata", "spec"],
    properties: { ...properties, metadata: { tsType: "ObjectMeta" } },
  };
  const body = await compile(typed, crd.kind, { bannerComment: "", additionalProperties: false, format: false, maxItems: LISTS_AS_LISTS });
  return `${HEADER}import type { ObjectMeta } from "../object-meta.ts";\n\n${body}`;
}

/** One module of stand-alone ajv validators, `validate<Kind>Schema`, and its declarations. */
export function generateValidators(crds: readonly Crd[]): { code: string; types: string } {
  const ajv = new Ajv2020({
    code: { source: true, esm: true, lines: true },
    // The formats of structural schemas are the API server's to check; here they are only words.
    formats: { "date-time": true, int64: true },
    strict: true,
    logger: false,
    // Lengths in UTF-16 units need no import in the generated code. The API server counts code points, and has the last word.
    unicode: false,
    allErrors: true,
  });
  for (const crd of crds) ajv.addSchema(withoutWords(stripKubernetes(crd.schema)), crd.kind);
  const exported = Object.fromEntries(crds.map(({ kind }) => [`validate${kind}Schema`, kind]));
  const code = standaloneCode.default(ajv, exported);
  const declarations = crds.map(({ kind, singular }) => {
    return `import type { ${kind} } from "./${singular}.ts";\nexport declare const validate${kind}Schema: SchemaCheck<${kind}>;`;
  });
  const types = `${HEADER}import type { SchemaCheck } from "../schema-check.ts";\n${declarations.join("\n")}\n`;
  return { code: `${HEADER}${code}\n`, types };
}

/** The schema without the keywords that only the API server understands. */
function stripKubernetes(schema: Schema): Schema {
  return mapSchema(schema, (node) => {
    // The length of an int-or-string only bounds the cost of CEL rules: JSON Schema wants a plain string for it.
    const { maxLength, ...rest } = node;
    const known = node["x-kubernetes-int-or-string"] === true || maxLength === undefined ? rest : node;
    return Object.fromEntries(Object.entries(known).filter(([key]) => !KUBERNETES_KEYWORD.test(key)));
  });
}

/** Descriptions and defaults decide nothing in a validator. */
function withoutWords(schema: Schema): Schema {
  return mapSchema(schema, ({ description, default: _default, ...node }) => (typeof description === "object" ? { description, ...node } : node));
}

/** Structural schemas prune unknown fields: for types that means closed objects. */
function closed(schema: Schema): Schema {
  return mapSchema(schema, (node) => (node["type"] === "object" && node["properties"] !== undefined ? { ...node, additionalProperties: false } : node));
}

function mapSchema(schema: Schema, change: (node: Schema) => Schema): Schema {
  return change(Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, mapPart(value, change)])));
}

function mapPart(value: unknown, change: (node: Schema) => Schema): unknown {
  if (Array.isArray(value)) return value.map((item) => mapPart(item, change));
  return isObject(value) ? mapSchema(value, change) : value;
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown, name: string): Schema {
  if (isObject(value)) return value;
  throw new Error(`${name} must be an object`);
}

export function asList(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${name} must be a list`);
}
