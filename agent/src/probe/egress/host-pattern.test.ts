import { describe, expect, it } from "vitest";
import { parseHostPattern } from "./host-pattern.ts";

describe("a host pattern", () => {
  it.each(["localhost", "api.example.com", "*.example.com", "*.internal", "1.example.com", "_http.example.com", "xn--bcher-kva.example"])("%s is read", (text) => expect(parseHostPattern(text)?.text).toBe(text));

  it.each(["", "*", "*.", "a*.example.com", "*.*.example.com", "api.*.com", ".example.com", "example.com.", "Example.com", "bücher.example", "10.0.0.256", "1.2.3", "0x7f.1", "a b", "http://example.com", "example.com:80", "-a.example"])("%s is none", (text) =>
    expect(parseHostPattern(text)).toBeUndefined(),
  );
});
