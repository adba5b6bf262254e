import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";
import { holds, parseRange } from "./range.ts";

describe("an address", () => {
  it.each([
    ["1.2.3.4", 32, 0x01020304n],
    ["::", 128, 0n],
    ["::1", 128, 1n],
    ["1::", 128, 1n << 112n],
    ["2001:db8::1:0:0:2", 128, 0x2001_0db8_0000_0000_0001_0000_0000_0002n],
    ["1:2:3:4:5:6:7:8", 128, 0x0001_0002_0003_0004_0005_0006_0007_0008n],
    ["64:ff9b::1.2.3.4", 128, 0x0064_ff9b_0000_0000_0000_0000_0102_0304n],
    ["::ffff:1.2.3.4", 32, 0x01020304n],
    ["fe80::1%eth0", 128, (0xfe80n << 112n) | 1n],
  ])("%s is read", (text, bits, value) => expect(parseAddress(text)).toEqual({ bits, value }));

  it.each(["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "localhost", "0x7f.0.0.1", ":::", "1::2::3", "12345::", "[::1]", "1.2.3.4/8"])("%s is none", (text) => expect(parseAddress(text)).toBeUndefined());
});

describe("a range", () => {
  it.each(["", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/a", "::/129", "10.0.0/8", "example.com", "::ffff:0:0/95"])("%s is none", (text) => expect(parseRange(text)).toBeUndefined());

  it("holds what Node's own block list holds, of either family", () => {
    const ipv4 = fc.ipV4();
    const ipv6 = fc.ipV6().filter((text) => parseAddress(text)?.bits === 128);
    fc.assert(
      fc.property(fc.oneof(addressAndRange(ipv4, 32), addressAndRange(ipv6, 128)), ([address, network, prefix]) => {
        const family = network.includes(":") ? "ipv6" : "ipv4";
        const list = new BlockList();
        list.addSubnet(network, prefix, family);
        const [range, parsed] = [parseRange(`${network}/${prefix}`), parseAddress(address)];
        if (range === undefined || parsed === undefined) throw new Error(`${network}/${prefix} or ${address} was not read`);
        expect(holds(range, parsed)).toBe(list.check(address, family));
      }),
    );
  });
});

function addressAndRange(address: fc.Arbitrary<string>, longest: number): fc.Arbitrary<[string, string, number]> {
  return fc.tuple(address, address, fc.nat(longest));
}
