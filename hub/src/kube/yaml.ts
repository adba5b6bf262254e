import { dumpYaml } from "@kubernetes/client-node";

/** Objects as a stream of YAML documents, for kubectl and Helm. */
export function yamlDocuments(objects: readonly object[]): string {
  return objects.map((object) => `---\n${dumpYaml(object, { lineWidth: -1 })}`).join("");
}
