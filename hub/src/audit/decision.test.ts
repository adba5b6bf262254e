import { describe, expect, it } from "vitest";
import { decisionLine } from "./decision.ts";
import type { AuditEntry } from "./types.ts";

const ENTRY: AuditEntry = { operation: "update", user: { name: "ann", uid: "u1", groups: ["shop"] }, resource: { kind: "HTTPMonitor", namespace: "shop", name: "front", uid: "x" }, outcome: "PolicyViolation" };

describe("a decision's line", () => {
  it("says who, what, where, and what became of it", () => {
    expect(decisionLine({ ...ENTRY, clusters: ["eu-1"], rule: "guard: hosts", reason: "security policy violation: no", requestId: "r", traceId: "t", dryRun: true }, 0)).toEqual({
      audit: "decision",
      time: "1970-01-01T00:00:00.000Z",
      ...ENTRY,
      clusters: ["eu-1"],
      rule: "guard: hosts",
      reason: "security policy violation: no",
      requestId: "r",
      traceId: "t",
      dryRun: true,
    });
    expect(decisionLine({ ...ENTRY, dryRun: false }, 0)).toEqual({ audit: "decision", time: "1970-01-01T00:00:00.000Z", ...ENTRY });
  });

  it.each([
    ["https://user:canary@shop.example.com:8443/up?token=canary#canary is not allowed", "https://shop.example.com:8443/up is not allowed"],
    ['the URL "HTTP://canary@x/y?canary" may not', 'the URL "http://x/y" may not'],
    ["vault://canary:canary@secret/path?canary", "vault://secret/path"],
    ["https://canary:canary@[x/ is none", "(no URL) is none"],
  ])("shows nothing of what a URL may hide: %s", (reason, shown) => {
    const line = decisionLine({ ...ENTRY, reason, rule: reason, resource: { kind: "Path", name: reason } }, 0);
    expect(line).toMatchObject({ reason: shown, rule: shown, resource: { name: shown } });
    expect(JSON.stringify(line)).not.toContain("canary");
  });

  it("stays short whatever an asker is called and names", () => {
    const long = "x".repeat(1_000_000);
    const line = decisionLine({ ...ENTRY, operation: long, user: { name: long, uid: long, groups: Array.from({ length: 5000 }, () => long) }, clusters: Array.from({ length: 5000 }, () => long), reason: long, rule: long }, 0);
    expect(JSON.stringify(line).length).toBeLessThan(256 * 1024);
    expect(line["clusters"]).toHaveLength(101);
    expect(line).toHaveProperty(["clusters", 100], "… and 4900 more");
  });
});
