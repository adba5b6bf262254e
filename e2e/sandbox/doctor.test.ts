import { describe, expect, it } from "vitest";

import { examineNode, forWhom, renderFindings, resource } from "./doctor.ts";

describe("the doctor", () => {
  it("wants a Node that runs TypeScript as it is", () => {
    expect(examineNode("26.10.0")).toMatchObject({ state: "ready" });
    expect(examineNode("20.20.2")).toMatchObject({ state: "missing", text: "20.20.2; 24 or newer is needed (pnpm install brings one)" });
  });

  it("compares what is free with what is needed", () => {
    expect(resource("disk", 4, 4)).toEqual({ subject: "disk", state: "ready", text: "4.0 GiB free, 4 needed" });
    expect(resource("disk", 3.9, 4).state).toBe("missing");
  });

  it("lets a sandbox start without what only some tests want, and says which", () => {
    const missing = { subject: "promtool", state: "missing", text: "no Go" } as const;
    const optional = forWhom(missing, "the tests of alerts");
    expect(renderFindings([optional])).toBe("--    promtool  no Go; only for the tests of alerts\nA sandbox can start here.");
    expect(forWhom(missing, undefined)).toEqual(missing);
  });

  it("says in its last line whether a sandbox can start", () => {
    const etcd = { subject: "etcd", state: "to-be-made", text: "would be built" } as const;
    expect(renderFindings([etcd])).toBe("make  etcd  would be built\nA sandbox can start here.");
    expect(renderFindings([etcd, resource("disk", 1, 4)]).split("\n").at(-1)).toBe("A sandbox cannot start here: disk.");
  });
});
