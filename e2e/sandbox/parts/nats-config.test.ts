import { makeInstallation } from "@sightline/hub/identity";
import { describe, expect, it } from "vitest";

import { at } from "../../kit/json.ts";
import { renderNatsConfig } from "./nats-config.ts";

describe("the NATS configuration", () => {
  it("listens on the loopback only, by TLS of today, and believes its own operator", async () => {
    const { public: installation } = await makeInstallation({ servers: ["tls://127.0.0.1:4222"] });
    const config: unknown = JSON.parse(renderNatsConfig({ port: 4222, monitorPort: 8222, certFile: "/s/nats.crt", keyFile: "/s/nats.key", storeDir: "/s/store", accountsDir: "/s/jwt", installation }));
    expect([at(config, "listen"), at(config, "http")]).toEqual(["127.0.0.1:4222", "127.0.0.1:8222"]);
    expect(at(config, "tls", "min_version")).toBe("1.2");
    expect(at(config, "operator")).toBe(installation.operator);
    expect(at(config, "system_account")).toBe(installation.accounts.SYS.publicKey);
    expect(JSON.stringify(config)).not.toMatch(/password|nkey/);
  });
});
