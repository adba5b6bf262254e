/** Which member clusters a sandbox has. */
import { isClusterId } from "@sightline/shared/wire";

import { SandboxError } from "./errors.ts";

export interface ClusterSpec {
  readonly name: string;
  readonly region?: string;
  readonly environment?: string;
}

/** Those of the demo: three regions, two of them production. */
export const THREE_CLUSTERS = "eu-1:eu-west-1:production,us-1:us-east-1:production,ap-1:ap-south-1:staging";

/** Kubernetes label values (apimachinery, validation.IsValidLabelValue), since region and environment become labels too. */
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/**
 * Parses `name[:region[:environment]]` items, parted by commas: `eu-1:eu-west-1:production,us-1`. An empty region or
 * environment is the same as none. Throws a SandboxError that names the item.
 */
export function parseClusterSpecs(text: string): ClusterSpec[] {
  const specs = text.split(",").map((item) => parseClusterSpec(item.trim()));
  const names = specs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SandboxError(`cluster ${twice} is named twice`);
  return specs;
}

function parseClusterSpec(item: string): ClusterSpec {
  const [name = "", region, environment, ...rest] = item.split(":");
  if (rest.length > 0) throw new SandboxError(`cluster ${JSON.stringify(item)} has more than name:region:environment`);
  if (!isClusterId(name)) {
    throw new SandboxError(`cluster name ${JSON.stringify(name)} is not an RFC 1123 label (small letters, digits and hyphens, at most 63)`);
  }
  return { name, ...labelled(name, "region", region), ...labelled(name, "environment", environment) };
}

function labelled(cluster: string, field: "region" | "environment", value = ""): Partial<ClusterSpec> {
  if (value === "") return {};
  if (!LABEL_VALUE.test(value)) throw new SandboxError(`${JSON.stringify(value)} of cluster ${cluster} cannot be a label's value`);
  return { [field]: value };
}
