import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { listAt, textAt } from "../../kit/json.ts";

const FOLDER = path.join(import.meta.dirname, "..", "..", "..", "deploy", "grafana", "dashboards");

/** A panel of a dashboard, as Grafana would load it. */
export interface Panel {
  readonly dashboard: string;
  readonly title: string;
  readonly queries: readonly string[];
}

/** Every panel with queries of every dashboard that we ship. */
export function readPanels(): Panel[] {
  return readdirSync(FOLDER).flatMap((file) => {
    const dashboard: unknown = JSON.parse(readFileSync(path.join(FOLDER, file), "utf8"));
    const name = (textAt(dashboard, "title") ?? file).replace("Sightline / ", "");
    return listAt(dashboard, "panels").flatMap((panel) => {
      const queries = listAt(panel, "targets").map((target) => textAt(target, "expr") ?? "");
      return queries.length === 0 ? [] : [{ dashboard: name, title: textAt(panel, "title") ?? "", queries }];
    });
  });
}

/** Puts a value in each variable's place, as Grafana does before it asks. Throws where a variable has none. */
export function substitute(query: string, variables: Readonly<Record<string, string>>): string {
  return query.replaceAll(/\$(\w+)/g, (variable, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`nothing is known to put in the place of ${variable}`);
    return value;
  });
}
