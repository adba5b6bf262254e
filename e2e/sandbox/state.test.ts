import { describe, expect, it } from "vitest";

import type { SandboxState } from "./state.ts";
import { parseState } from "./state.ts";

const state: SandboxState = {
  version: 1,
  state: "up",
  dir: "/s",
  kubeApi: "https://127.0.0.1:1",
  kubeconfig: "/s/hub.kubeconfig",
  operatorKubeconfig: "/s/operator.kubeconfig",
  nats: ["tls://127.0.0.1:2"],
  natsMonitor: "http://127.0.0.1:3",
  natsHub: { credsFile: "/s/hub.creds", ca: "/s/ca.crt" },
  hubs: [{ name: "hub-0", pid: 10, log: "/s/hub.log", api: "http://127.0.0.1:4", metrics: "http://127.0.0.1:4/metrics" }],
  agents: [{ name: "agent-eu-1", cluster: "eu-1", pid: 11, log: "/s/a.log", url: "http://127.0.0.1:5", metrics: "http://127.0.0.1:5/metrics", dataDir: "/s/a", natsCredsFile: "/s/a.creds" }],
  parts: [{ name: "etcd", pid: 12, log: "/s/etcd.log" }],
};

describe("sandbox.json", () => {
  it("reads back as it was written", () => expect(parseState(JSON.stringify(state))).toEqual(state));

  it("bears fields that it does not know", () => expect(parseState(JSON.stringify({ ...state, later: 1 }))).toMatchObject(state));

  it("is refused, with the reason, when it is only half there or something else", () => {
    expect(() => parseState(JSON.stringify(state).slice(0, 100))).toThrow("sandbox.json is not JSON");
    expect(() => parseState("{}")).toThrow("sandbox.json cannot be read");
    expect(() => parseState(JSON.stringify({ ...state, parts: [{ name: "etcd", pid: 1, log: "" }] }))).toThrow("/parts/0/pid must be >= 2");
  });
});
