import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { remains } from "../../hub/src/uninstall/remains.ts";
import { textAt } from "../kit/json.ts";
import { find, read } from "./source.ts";

const said = remains("monitoring", 1);

function objectsIn(path: string): unknown[] {
  return parseAllDocuments(read(path)).map((document) => document.toJS() as unknown);
}

function nameOf(object: unknown): string {
  return textAt(object, "metadata", "name") ?? "";
}

/** The names that one of its commands deletes. */
function deleted(resource: string): string[] {
  const [, words = ""] = new RegExp(`kubectl delete ${resource} (.*)`).exec(said) ?? [];
  return words.split(" ").filter((word) => !word.startsWith("--")).toSorted();
}

describe("what sightline uninstall names as left", () => {
  it("is every CRD, and every kind of which objects go with them", () => {
    const definitions = find("crds/*.yaml").flatMap((path) => objectsIn(path));
    expect(deleted("crd")).toEqual(definitions.map((definition) => nameOf(definition)).toSorted());
    for (const definition of definitions) expect(said).toContain(`every ${textAt(definition, "spec", "names", "kind")}`);
  });

  it("is all that rbac.yaml puts into no namespace, and the hub's own namespace", () => {
    const clusterWide = objectsIn("deploy/kustomize/rbac.yaml").filter((object) => textAt(object, "kind")?.startsWith("ClusterRole") === true).map((object) => nameOf(object));
    expect(deleted("clusterrole,clusterrolebinding")).toEqual([...new Set(clusterWide)].toSorted());
    expect(deleted("namespace")).toEqual(["monitoring"]);
  });
});
