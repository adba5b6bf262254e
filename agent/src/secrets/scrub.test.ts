import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scrubbed, secretsOf } from "./scrub.ts";

describe("a text without its secrets", () => {
  it.each([
    ["host name not found: kA9-zzTop.example.com", ["kA9-zzTop"], "host name not found: [secret].example.com"],
    ["host name not found: ka9-zztop.example.com", ["kA9-zzTop"], "host name not found: [secret].example.com"],
    ["host name not found: kanarienvogel.example.com", ["Bearer kanarienvogel"], "host name not found: [secret].example.com"],
    ["a b a b", ["a b a b", "a b"], "[secret]"],
    ["twice 12345678, 12345678", ["12345678"], "twice [secret], [secret]"],
    ["connection refused by 10.0.0.1:80", ["0", "10"], "connection refused by 10.0.0.1:80"],
    ["İ 12345678", ["12345678"], "[secret]"],
  ])("%s without %j", (text, secrets, clean) => expect(scrubbed(text, secrets)).toBe(clean));

  it("never holds one, whatever stands around it", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9._~-]{8,40}$/);
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (before, value, after) => {
        for (const echoed of [value, value.toLowerCase(), value.toUpperCase()]) {
          expect(scrubbed(before + echoed + after, [value]).toLowerCase()).not.toContain(value.toLowerCase());
        }
      }),
    );
  });

  it("knows as secrets what came sealed, and credentials given in clear", () => {
    expect(secretsOf({ accept: "text/html", AUTHORIZATION: "Basic abc", Cookie: "a=b" }, { "X-Key": "k" })).toEqual(["Basic abc", "a=b", "k"]);
  });
});
