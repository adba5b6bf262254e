import { describe, expect, it } from "vitest";
import { PROTECTED } from "../../agent/src/probe/egress/protected.ts";
import { read } from "./source.ts";

describe("what no monitor reaches", () => {
  it("stands in docs/operate/egress.md, range by range", () => {
    const page = read("docs/operate/egress.md");
    expect(PROTECTED.filter(([range]) => !page.includes(`\`${range}\``))).toEqual([]);
  });

  it("is left out of what the example NetworkPolicy lets out, where clouds keep metadata", () => {
    const policy = read("deploy/kustomize/agent-networkpolicy.yaml");
    const metadata = PROTECTED.filter(([range, what]) => what.includes("metadata") && !/^(169\.254\.|fe80:)/.test(range));
    expect(metadata.filter(([range]) => !policy.includes(range))).toEqual([]);
  });
});
