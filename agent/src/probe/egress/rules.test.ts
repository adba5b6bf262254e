import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endpointOf } from "../target.ts";
import { EgressGuard } from "./guard.ts";
import { ownProtections } from "./own-protections.ts";
import { compileRules, denied } from "./rules.ts";
import { parseRange } from "./range.ts";

const NONE = { allow: [], deny: [] };

/** What a guard says of a URL whose host is an address: "" when it may be probed. */
function said(url: string, rules: { allow?: string[]; deny?: string[] } = {}, own: [string, string][] = []): string {
  const guard = new EgressGuard();
  guard.follow({ ...NONE, ...rules });
  guard.protect(own);
  const { host } = endpointOf(new URL(url), undefined);
  return guard.denies(host, host)?.message ?? "";
}

/** What it says of an address to which a name led. */
function saidOf(host: string, address: string, rules: { allow?: string[]; deny?: string[] }): string {
  return denied(compileRules({ ...NONE, ...rules }), host, address) ?? "";
}

describe("F18: a tenant's URL reaches nothing that is protected", () => {
  it.each<[string, RegExp]>([
    // Loopback, in every spelling that a URL may have.
    ["http://127.0.0.1/", /^target denied: 127\.0\.0\.1 is a loopback address \(127\.0\.0\.0\/8\), which no monitor may reach$/],
    ["http://127.0.0.1:6060/debug", /loopback/],
    ["http://127.1/", /127\.0\.0\.1 is a loopback/],
    ["http://127.0.1/", /loopback/],
    ["http://0x7f000001/", /127\.0\.0\.1 is a loopback/],
    ["http://0x7f.0.0.1/", /loopback/],
    ["http://0x7F.0X0.0x0.0x1/", /loopback/],
    ["http://2130706433/", /loopback/],
    ["http://017700000001/", /loopback/],
    ["http://0177.0.0.1/", /loopback/],
    ["http://0177.1/", /loopback/],
    ["http://00000177.0.0.000001/", /loopback/],
    ["http://127.0.0.1./", /loopback/],
    ["http://①②⑦.0.0.1/", /loopback/],
    ["http://１２７。０。０。１/", /loopback/],
    ["http://%31%32%37.0.0.1/", /loopback/],
    ["http://127.255.255.254/", /loopback/],
    ["http://user:password@127.0.0.1/", /loopback/],
    ["http://shop.example@127.0.0.1/", /loopback/],
    ["http://127.0.0.1#@shop.example/", /loopback/],
    ["http://127.0.0.1\\@shop.example/", /loopback/],
    ["https://127.0.0.1/", /loopback/],
    ["http://[::1]/", /::1 is a loopback address, which/],
    ["http://[0:0:0:0:0:0:0:1]/", /loopback/],
    ["http://[0000::0001]/", /loopback/],
    // Unspecified: the system takes it for itself.
    ["http://0.0.0.0/", /0\.0\.0\.0 is an unspecified address/],
    ["http://0/", /unspecified/],
    ["http://0x0/", /unspecified/],
    ["http://0.1.2.3/", /unspecified/],
    ["http://[::]/", /unspecified/],
    // IPv4 within IPv6.
    ["http://[::ffff:127.0.0.1]/", /loopback/],
    ["http://[::ffff:7f00:1]/", /loopback/],
    ["http://[0:0:0:0:0:ffff:a9fe:a9fe]/", /metadata address of a cloud/],
    ["http://[::127.0.0.1]/", /127\.0\.0\.1 \(within ::7f00:1\) is a loopback/],
    ["http://[::a9fe:a9fe]/", /metadata/],
    ["http://[::ffff:0:169.254.169.254]/", /metadata/],
    ["http://[64:ff9b::a9fe:a9fe]/", /^target denied: 169\.254\.169\.254 \(within 64:ff9b::a9fe:a9fe\) is a metadata address of a cloud, which no monitor may reach$/],
    ["http://[64:ff9b::127.0.0.1]/", /loopback/],
    ["http://[64:ff9b:1::a9fe:a9fe]/", /metadata/],
    ["http://[64:ff9b:1:a9fe:a9:fe00::]/", /metadata/],
    ["http://[64:ff9b:1:a9:fe:a9fe::]/", /metadata/],
    ["http://[64:ff9b:1:0:a9:fea9:fe00:0]/", /metadata/],
    ["http://[2002:7f00:1::]/", /loopback/],
    ["http://[2002:a9fe:a9fe::1]/", /metadata/],
    ["http://[2001:0:a9fe:a9fe::1]/", /metadata/],
    ["http://[2001:0:808:808:0:0:5601:5601]/", /metadata/],
    ["http://[2001:db8::5efe:7f00:1]/", /loopback/],
    ["http://[2001:db8::200:5efe:169.254.169.254]/", /metadata/],
    // Link-local and metadata.
    ["http://169.254.169.254/latest/meta-data/", /metadata/],
    ["http://0xa9fea9fe/", /metadata/],
    ["http://2852039166/", /metadata/],
    ["http://0251.0376.0251.0376/", /metadata/],
    ["http://169.254.43518/", /metadata/],
    ["http://169.254.169.254./", /metadata/],
    ["http://169.254.7.7/", /link-local address \(169\.254\.0\.0\/16\)/],
    ["http://169.254.170.2/", /metadata/],
    ["http://169.254.170.23/v1/credentials", /metadata/],
    ["http://100.100.100.200/", /metadata/],
    ["http://168.63.129.16/", /metadata/],
    ["http://192.0.0.192/", /metadata/],
    ["http://[fe80::1]/", /link-local/],
    ["http://[febf::1]/", /link-local/],
    ["http://[fe80::a9fe:a9fe]/", /metadata/],
    ["http://[fd00:ec2::254]/", /metadata/],
    ["http://[fd00:ec2::23]/", /metadata/],
    ["http://[fd20:ce::254]/", /metadata/],
    ["http://[fd00:c1::a9fe:a9fe]/", /metadata/],
    ["http://[fd00:42::42]/", /metadata/],
    // Multicast, reserved, broadcast.
    ["http://224.0.0.1/", /multicast/],
    ["http://239.255.255.255/", /multicast/],
    ["http://[ff02::1]/", /multicast/],
    ["http://240.0.0.1/", /reserved/],
    ["http://255.255.255.255/", /reserved/],
    ["http://4294967295/", /reserved/],
  ])("%s", (url, reason) => expect(said(url)).toMatch(reason));

  it.each([
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://100.100.100.201/",
    "http://126.255.255.255/",
    "http://128.0.0.1/",
    "http://169.253.255.255/",
    "http://169.255.0.1/",
    "http://223.255.255.255/",
    "http://8.8.8.8/",
    "http://[2001:4860:4860::8888]/",
    "http://[fd00::1]/",
    "http://[fec0::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::808:808]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:808:808::1]/",
    "http://[2001:db8::5eff:7f00:1]/",
  ])("%s may be probed", (url) => expect(said(url)).toBe(""));

  it("keeps the agent's node, the Kubernetes API and NATS out of reach, as single addresses", () => {
    const own = ownProtections([
      { what: "the agent's node", addresses: ["10.0.0.7", "fd00::7", "127.0.0.1", "::1", "no address"] },
      { what: "the Kubernetes API", addresses: ["10.96.0.1"] },
      { what: "NATS", addresses: ["10.0.0.9", "10.0.0.7"] },
    ]).map(([range, what]): [string, string] => [range, what]);
    expect(own.map(([range]) => range)).toEqual(["10.0.0.7", "fd00::7", "10.96.0.1", "10.0.0.9"]);
    expect(said("http://10.0.0.7:10250/", {}, own)).toBe("target denied: 10.0.0.7 is an address of the agent's node, which no monitor may reach");
    expect(said("http://10.96.0.1/", {}, own)).toMatch(/the Kubernetes API/);
    expect(said("http://[::ffff:10.0.0.9]:8222/", {}, own)).toMatch(/NATS/);
    expect(said("http://10.0.0.8/", {}, own)).toBe("");
    // A range that merely holds such an address does not open it; the address itself does.
    expect(said("http://10.0.0.9/", { allow: ["10.0.0.0/8", "0.0.0.0/0"] }, own)).toMatch(/NATS/);
    expect(said("http://10.0.0.9/", { allow: ["10.0.0.9"] }, own)).toBe("");
  });
});

describe("a name of what is around the agent", () => {
  const own: [string, string][] = [["nats.example", "a name of NATS"], ["203.0.113.7", "an address of NATS"], ["*.example", "a name of NATS"]];
  const rules = (allow: string[]): ReturnType<typeof compileRules> => compileRules({ allow, deny: [] }, own);

  it.each<[string, string[], [string, string], string | undefined]>([
    ["is closed wherever it leads", [], ["nats.example", "203.0.113.8"], "nats.example is a name of NATS, which no monitor may reach"],
    ["also with a dot at its end", [], ["nats.example.", "203.0.113.8"], "nats.example. is a name of NATS, which no monitor may reach"],
    ["is no pattern, whatever NATS says", [], ["shop.example", "203.0.113.8"], undefined],
    ["is not opened by an ending", ["*.example"], ["nats.example", "203.0.113.8"], "nats.example is a name of NATS, which no monitor may reach"],
    ["is opened by itself", ["nats.example"], ["nats.example", "203.0.113.8"], undefined],
    ["but not the addresses that are protected", ["nats.example"], ["nats.example", "203.0.113.7"], "203.0.113.7 (of nats.example) is an address of NATS, which no monitor may reach"],
    ["nor are these opened by it for other names", ["nats.example", "203.0.113.0/24"], ["shop.example", "203.0.113.7"], "203.0.113.7 (of shop.example) is an address of NATS, which no monitor may reach"],
  ])("%s", (_what, allow, [host, address], sentence) => expect(denied(rules(allow), host, address)).toBe(sentence));

  it("may be a range that the agent's flag names", () => {
    expect(denied(compileRules(NONE, [["10.7.0.0/16", "an address of the agent's --protected-address"]]), "a.example", "10.7.1.1")).toBe(
      "10.7.1.1 (of a.example) is an address of the agent's --protected-address (10.7.0.0/16), which no monitor may reach",
    );
  });
});

describe("a cluster's egress rules", () => {
  it.each<[string, { allow?: string[]; deny?: string[] }, string, string]>([
    ["deny a range", { deny: ["10.0.0.0/8"] }, "10.1.2.3", "10.1.2.3 is denied by the cluster's egress rules (deny 10.0.0.0/8)"],
    ["leave the rest", { deny: ["10.0.0.0/8"] }, "11.1.2.3", ""],
    ["deny a single address", { deny: ["10.0.0.1"] }, "10.0.0.1", "10.0.0.1 is denied by the cluster's egress rules (deny 10.0.0.1)"],
    ["close the rest where anything is allowed", { allow: ["10.0.0.0/8"] }, "8.8.8.8", "8.8.8.8 is not among what the cluster's egress rules allow"],
    ["close IPv6 too where only IPv4 is allowed", { allow: ["0.0.0.0/0"] }, "2001:db8::1", "2001:db8::1 is not among what the cluster's egress rules allow"],
    ["allow what is allowed", { allow: ["10.0.0.0/8"] }, "10.0.0.1", ""],
    ["let a longer allow except from a deny", { allow: ["10.9.8.0/24"], deny: ["10.0.0.0/8"] }, "10.9.8.7", ""],
    ["let a longer deny except from an allow", { allow: ["10.0.0.0/8"], deny: ["10.9.8.0/24"] }, "10.9.8.7", "10.9.8.7 is denied by the cluster's egress rules (deny 10.9.8.0/24)"],
    ["put deny before an equal allow", { allow: ["10.0.0.0/8"], deny: ["10.0.0.0/8"] }, "10.0.0.1", "10.0.0.1 is denied by the cluster's egress rules (deny 10.0.0.0/8)"],
    ["ignore bits beyond the prefix", { deny: ["10.9.8.7/8"] }, "10.1.1.1", "10.1.1.1 is denied by the cluster's egress rules (deny 10.9.8.7/8)"],
    ["open loopback by naming it", { allow: ["127.0.0.0/8"] }, "127.0.0.1", ""],
    ["open a part of loopback only", { allow: ["0.0.0.0/0", "127.0.0.1"] }, "127.0.0.2", "127.0.0.2 is a loopback address (127.0.0.0/8), which no monitor may reach"],
    ["open nothing protected by a shorter prefix", { allow: ["0.0.0.0/0", "126.0.0.0/7"] }, "127.0.0.1", "127.0.0.1 is a loopback address (127.0.0.0/8), which no monitor may reach"],
    ["open link-local without metadata", { allow: ["169.254.0.0/16"] }, "169.254.20.10", ""],
    ["keep metadata when link-local is open", { allow: ["169.254.0.0/16"] }, "169.254.169.254", "169.254.169.254 is a metadata address of a cloud, which no monitor may reach"],
    ["open metadata by naming it", { allow: ["169.254.169.254"] }, "169.254.169.254", ""],
    ["open ::1 without opening 0.0.0.0/8", { allow: ["::1"] }, "::1", ""],
    ["judge a mapped address as IPv4", { deny: ["10.0.0.0/8"] }, "::ffff:10.0.0.1", "::ffff:10.0.0.1 is denied by the cluster's egress rules (deny 10.0.0.0/8)"],
    ["judge NAT64 as both", { deny: ["10.0.0.0/8"] }, "64:ff9b::a00:1", "10.0.0.1 (within 64:ff9b::a00:1) is denied by the cluster's egress rules (deny 10.0.0.0/8)"],
    ["judge NAT64 as both where something is allowed", { allow: ["::/0"] }, "64:ff9b::a00:1", "10.0.0.1 (within 64:ff9b::a00:1) is not among what the cluster's egress rules allow"],
    ["read a mapped range as IPv4", { deny: ["::ffff:a00:0/104"] }, "10.0.0.1", "10.0.0.1 is denied by the cluster's egress rules (deny ::ffff:a00:0/104)"],
    ["deny everything when a deny cannot be read", { deny: ["10.0.0.0/33"] }, "8.8.8.8", "8.8.8.8 is denied: the cluster's egress rules hold what this agent cannot read (deny 10.0.0.0/33)"],
    ["open nothing when an allow cannot be read", { allow: ["10.0.0.0/33"] }, "10.0.0.1", "10.0.0.1 is not among what the cluster's egress rules allow"],
  ])("%s", (_what, rules, address, sentence) => expect(saidOf(address, address, rules)).toBe(sentence));

  it.each<[string, { allow?: string[]; deny?: string[] }, [string, string], string]>([
    ["deny a name", { deny: ["evil.example"] }, ["evil.example", "8.8.8.8"], "evil.example is denied by the cluster's egress rules (deny evil.example)"],
    ["deny it with a dot at its end", { deny: ["evil.example"] }, ["evil.example.", "8.8.8.8"], "evil.example. is denied by the cluster's egress rules (deny evil.example)"],
    ["deny names at any depth below an ending", { deny: ["*.evil.example"] }, ["a.b.evil.example", "8.8.8.8"], "a.b.evil.example is denied by the cluster's egress rules (deny *.evil.example)"],
    ["leave the name after the * itself", { deny: ["*.evil.example"] }, ["evil.example", "8.8.8.8"], ""],
    ["leave names that merely end alike", { deny: ["*.evil.example"] }, ["notevil.example", "8.8.8.8"], ""],
    ["deny a name whatever range is allowed", { allow: ["8.8.8.8"], deny: ["evil.example"] }, ["evil.example", "8.8.8.8"], "evil.example is denied by the cluster's egress rules (deny evil.example)"],
    ["let a longer name except from a deny", { allow: ["good.evil.example"], deny: ["*.evil.example"] }, ["good.evil.example", "8.8.8.8"], ""],
    ["put deny before an equal allow", { allow: ["*.shop.example"], deny: ["*.shop.example"] }, ["a.shop.example", "8.8.8.8"], "a.shop.example is denied by the cluster's egress rules (deny *.shop.example)"],
    ["allow a name wherever it leads", { allow: ["*.shop.example"] }, ["a.shop.example", "10.0.0.1"], ""],
    ["close other names", { allow: ["*.shop.example"] }, ["other.example", "8.8.8.8"], "8.8.8.8 (of other.example) is not among what the cluster's egress rules allow"],
    ["close addresses where names are allowed", { allow: ["*.shop.example"] }, ["8.8.8.8", "8.8.8.8"], "8.8.8.8 is not among what the cluster's egress rules allow"],
    ["let an allowed name through a deny of all", { allow: ["*.shop.example"], deny: ["0.0.0.0/0"] }, ["a.shop.example", "8.8.8.8"], ""],
    ["hold a denied range against an allowed name", { allow: ["*.shop.example"], deny: ["10.0.0.0/8"] }, ["a.shop.example", "10.0.0.1"], "10.0.0.1 (of a.shop.example) is denied by the cluster's egress rules (deny 10.0.0.0/8)"],
    ["hold what is protected against an allowed name", { allow: ["*.shop.example"] }, ["a.shop.example", "169.254.169.254"], "169.254.169.254 (of a.shop.example) is a metadata address of a cloud, which no monitor may reach"],
    ["hold it within NAT64, too", { allow: ["*.shop.example"] }, ["a.shop.example", "64:ff9b::7f00:1"], "127.0.0.1 (within 64:ff9b::7f00:1, of a.shop.example) is a loopback address (127.0.0.0/8), which no monitor may reach"],
    ["deny everything when a deny cannot be read", { deny: ["evil_example."] }, ["shop.example", "8.8.8.8"], "shop.example is denied: the cluster's egress rules hold what this agent cannot read (deny evil_example.)"],
    ["refuse an answer that is no address", {}, ["shop.example", "localhost"], "localhost (of shop.example) is no address"],
  ])("%s", (_what, rules, [host, address], sentence) => expect(saidOf(host, address, rules)).toBe(sentence));
});

describe("by any rules", () => {
  const octet = fc.nat(255);
  const range = fc.tuple(octet, octet, octet, octet, fc.nat(32)).map(([a, b, c, d, prefix]) => `${a}.${b}.${c}.${d}/${prefix}`);
  const rules = fc.record({ allow: fc.array(fc.oneof(range, fc.constantFrom("*.example", "a.example")), { maxLength: 6 }), deny: fc.array(range, { maxLength: 6 }) });

  it("an address is reached only if it is not protected, or named by an allow as long as what protects it", () => {
    fc.assert(
      fc.property(rules, fc.constantFrom("127.0.0.1", "169.254.169.254", "169.254.1.1", "0.0.0.0", "224.1.1.1", "255.255.255.255"), ({ allow, deny }, address) => {
        const longest = { "127.0.0.1": 8, "169.254.169.254": 32, "169.254.1.1": 16, "0.0.0.0": 8, "224.1.1.1": 4, "255.255.255.255": 4 }[address] ?? 0;
        const opens = allow.some((text) => (parseRange(text)?.prefix ?? 0) >= longest);
        if (saidOf("a.example", address, { allow, deny }) === "") expect(opens).toBe(true);
      }),
    );
  });

  it("one more deny never opens an address, and a deny of the address itself closes it", () => {
    fc.assert(
      fc.property(rules, range, fc.tuple(octet, octet, octet, octet), ({ allow, deny }, more, octets) => {
        const address = octets.join(".");
        const before = saidOf(address, address, { allow, deny });
        if (before !== "") expect(saidOf(address, address, { allow, deny: [...deny, more] })).not.toBe("");
        expect(saidOf(address, address, { allow, deny: [...deny, address] })).not.toBe("");
      }),
    );
  });

  it("an address within IPv6 is reached only if it is reached by itself", () => {
    fc.assert(
      fc.property(rules, fc.tuple(octet, octet, octet, octet), fc.constantFrom("::ffff:", "64:ff9b::", "64:ff9b:1::", "::ffff:0:", "2001:db8::5efe:"), ({ allow, deny }, octets, prefix) => {
        const address = octets.join(".");
        fc.pre(octets[0] !== 0);
        if (saidOf(address, address, { allow, deny }) !== "") expect(saidOf(`${prefix}${address}`, `${prefix}${address}`, { allow: [...allow, "::/0"], deny })).not.toBe("");
      }),
    );
  });
});
