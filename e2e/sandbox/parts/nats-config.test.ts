import { describe, expect, it } from "vitest";

import { at, listAt, textAt } from "../../kit/json.ts";
import { renderNatsConfig } from "./nats-config.ts";

const config: unknown = JSON.parse(
  renderNatsConfig({
    port: 4222,
    monitorPort: 8222,
    certFile: "/s/nats.crt",
    keyFile: "/s/nats.key",
    storeDir: "/s/store",
    hubKey: "UHUB",
    systemKey: "USYS",
    agentKeys: new Map([
      ["eu-1", "UEU"],
      ["us-1", "UUS"],
    ]),
  }),
);

describe("the NATS configuration", () => {
  it("listens on the loopback only", () => {
    expect([at(config, "listen"), at(config, "http")]).toEqual(["127.0.0.1:4222", "127.0.0.1:8222"]);
  });

  it("gives JetStream to the hub's account and to no other", () => {
    expect(at(config, "accounts", "HUB", "jetstream")).toBe("enabled");
    expect(at(config, "accounts", "AGENTS", "jetstream")).toBeUndefined();
  });

  it("imports exactly what the hub exports, and the JetStream API only under another name", () => {
    const exported = listAt(config, "accounts", "HUB", "exports").map((entry) => textAt(entry, "service"));
    const imports = listAt(config, "accounts", "AGENTS", "imports");
    expect(imports.map((entry) => textAt(entry, "service", "subject"))).toEqual(exported);
    const api = imports.filter((entry) => textAt(entry, "service", "subject")?.startsWith("$JS.API.") === true);
    expect(api.length).toBeGreaterThan(0);
    for (const entry of api) expect(textAt(entry, "to")).toMatch(/^hubapi\./);
  });

  it("never imports key-value subjects or the whole JetStream API", () => {
    for (const entry of listAt(config, "accounts", "AGENTS", "imports")) {
      expect(textAt(entry, "service", "subject")).not.toMatch(/^\$KV|^\$JS\.API\.>|^>/);
    }
  });

  it("lets an agent touch no other cluster's subjects and no common inbox", () => {
    const [, us] = listAt(config, "accounts", "AGENTS", "users");
    expect(at(us, "nkey")).toBe("UUS");
    expect(JSON.stringify(us)).not.toContain("eu-1");
    const subjects = [...listAt(us, "permissions", "publish", "allow"), ...listAt(us, "permissions", "subscribe", "allow")];
    for (const subject of subjects) expect(subject).toContain("us-1");
    expect(JSON.stringify(config)).not.toMatch(/"_INBOX\.>"|allow_responses/);
  });
});
