import type { HTTPMonitorSpec, MonitorPolicy } from "@sightline/shared/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHECK_DEFAULTS } from "../../monitors/check.ts";
import { policy } from "../../testing/objects.ts";
import { type PolicyQuestion, violationsOf } from "./violations.ts";

type Allow = MonitorPolicy["spec"]["allow"];

function question(spec: Partial<HTTPMonitorSpec> = {}, change: Partial<PolicyQuestion> = {}): PolicyQuestion {
  return { spec: { url: "https://shop.example.com/", interval: "30s", ...spec }, namespace: "shop", namespaceLabels: { tenant: "a" }, olderMonitors: 0, defaults: CHECK_DEFAULTS, ...change };
}

function messages(allow: Allow, spec: Partial<HTTPMonitorSpec> = {}, change: Partial<PolicyQuestion> = {}): string[] {
  return violationsOf([policy("rules", { allow })], question(spec, change)).map(({ message }) => message.replace("security policy violation: MonitorPolicy rules ", ""));
}

describe("a MonitorPolicy", () => {
  it.each<[string, Allow, Partial<HTTPMonitorSpec>]>([
    ["the exact host", { hosts: ["shop.example.com"] }, {}],
    ["a name below a wildcard, at any depth", { hosts: ["*.example.com"] }, { url: "https://a.b.example.com/" }],
    ["a host in other letters and with a final dot", { hosts: ["shop.example.com"] }, { url: "https://SHOP.example.com./" }],
    ["an address in another spelling", { hosts: ["127.0.0.1"] }, { url: "http://0x7f000001/" }],
    ["an address of IPv6", { hosts: ["[::1]"] }, { url: "http://[0:0::1]:8080/" }],
    ["a Host header of an allowed host", { hosts: ["*.example.com"] }, { headers: { host: "pay.example.com:8443" } }],
    ["the port that a scheme means", { ports: [443] }, {}],
    ["the ends of a range", { ports: ["8000-8999"] }, { url: "http://shop.example.com:8999/" }],
    ["the method of one that names none", { methods: ["GET"] }, {}],
    ["the shortest interval", { minInterval: "30s" }, {}],
    ["as many monitors as there may be", { maxMonitors: 1 }, {}],
  ])("allows %s", (_what, allow, spec) => expect(messages(allow, spec)).toEqual([]));

  it.each<[string, Allow, Partial<HTTPMonitorSpec>, string]>([
    ["another host", { hosts: ["shop.example.com", "*.shop.example.com"] }, { url: "https://evil.example.org/" }, "(allow.hosts): the host evil.example.org is not among shop.example.com, *.shop.example.com"],
    ["the wildcard's own name", { hosts: ["*.example.com"] }, { url: "https://example.com/" }, "(allow.hosts): the host example.com is not among *.example.com"],
    ["a name that only ends alike", { hosts: ["*.example.com"] }, { url: "https://badexample.com/" }, "(allow.hosts): the host badexample.com is not among *.example.com"],
    ["another Host header", { hosts: ["shop.example.com"] }, { headers: { HOST: "evil.example.org" } }, "(allow.hosts): the host evil.example.org of the header Host is not among shop.example.com"],
    ["a Host header that is none", { hosts: ["shop.example.com"] }, { headers: { Host: "a b" } }, "(allow.hosts): the host (none) of the header Host is not among shop.example.com"],
    ["a Host header that hides another host", { hosts: ["shop.example.com"] }, { headers: { Host: "evil.example.org@shop.example.com" } }, "(allow.hosts): the host (none) of the header Host is not among shop.example.com"],
    ["a Host header from a Secret", { hosts: ["shop.example.com"] }, { headersFrom: [{ name: "Host", secretKeyRef: { name: "a", key: "b" } }] }, "(allow.hosts): the host (none) of the header Host is not among shop.example.com"],
    ["any host by an empty list", { hosts: [] }, {}, "(allow.hosts): the host shop.example.com is not among any (the list is empty)"],
    ["another port", { ports: [443, "8000-8999"] }, { url: "http://shop.example.com/" }, "(allow.ports): the port 80 is not among 443, 8000-8999"],
    ["another method", { methods: ["GET", "HEAD"] }, { method: "POST" }, "(allow.methods): the method POST is not among GET, HEAD"],
    ["a shorter interval", { minInterval: "1m" }, {}, "(allow.minInterval): the interval 30s is shorter than 1m"],
  ])("refuses %s", (_what, allow, spec, sentence) => expect(messages(allow, spec)).toEqual([sentence]));

  it("counts the older monitors of the namespace", () => {
    expect(messages({ maxMonitors: 2 }, {}, { olderMonitors: 2 })).toEqual(["(allow.maxMonitors): the namespace shop may have 2 HTTPMonitors, and 2 came before this one"]);
    expect(messages({ maxMonitors: 0 }, {}, { olderMonitors: 0 })).toEqual(["(allow.maxMonitors): the namespace shop may have 0 HTTPMonitors, and 0 came before this one"]);
  });

  it("binds the namespaces that it selects, and every one whose labels are not known", () => {
    const strict = { allow: { methods: [] }, namespaceSelector: { matchLabels: { tenant: "b" } } };
    const count = (namespaceLabels: Record<string, string> | undefined): number => violationsOf([policy("rules", strict)], question({}, { namespaceLabels })).length;
    expect([count({ tenant: "a" }), count({ tenant: "b" }), count(undefined)]).toEqual([0, 1, 1]);
  });

  it("is one of several that must all hold, named in order", () => {
    const policies = [policy("z", { allow: { ports: [80] } }), policy("a", { allow: { ports: [443] } }), policy("m", { allow: { methods: ["POST"], minInterval: "1h" } })];
    expect(violationsOf(policies, question()).map((one) => `${one.policy} ${one.field}`)).toEqual(["m allow.methods", "m allow.minInterval", "z allow.ports"]);
  });

  it("never allows more by one policy more", () => {
    const allow = fc.record({ hosts: fc.subarray(["shop.example.com", "*.example.com", "x.org"]), ports: fc.subarray([80, 443, "1-1000"]), maxMonitors: fc.nat(3) }, { requiredKeys: [] });
    const asked = fc.constantFrom("https://shop.example.com/", "http://x.org:1000/", "https://example.com/");
    fc.assert(
      fc.property(fc.array(allow, { maxLength: 4 }), allow, asked, fc.nat(4), (some, more, url, olderMonitors) => {
        const named = some.map((one, index) => policy(`p${index}`, { allow: one }));
        const ask = question({ url }, { olderMonitors });
        const before = violationsOf(named, ask).length;
        return violationsOf([...named, policy("more", { allow: more })], ask).length >= before;
      }),
    );
  });
});
