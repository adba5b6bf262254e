import { describe, expect, it } from "vitest";

import { BINARY_NAMES, binaryOf, platformOf, releasedAs, requiredVersion } from "./catalog.ts";

describe("the catalogue of binaries", () => {
  it.each(BINARY_NAMES)("reads the version of %s from its go.mod", (name) => {
    expect(binaryOf(name).version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("tells kube-apiserver's linker its version", () => {
    const { version, build } = binaryOf("kube-apiserver");
    const [major, minor] = version.split(".");
    expect(build.ldflags).toContain(`version.gitVersion=v${version}`);
    expect(build.ldflags).toContain(`version.gitMajor=${major}`);
    expect(build.ldflags).toContain(`version.gitMinor=${minor}`);
  });

  it("finds a requirement on one line or in a block, and throws without one", () => {
    expect(requiredVersion("module m\n\nrequire a.b/c v1.2.3\n", "a.b/c")).toBe("1.2.3");
    expect(requiredVersion("require (\n\ta.b/cc v9.9.9 // indirect\n\ta.b/c v1.2.3 // indirect\n)\n", "a.b/c")).toBe("1.2.3");
    expect(() => requiredVersion("module m\n", "a.b/c")).toThrow("go.mod does not require a.b/c");
  });

  it("knows Prometheus' releases by the versions of its module", () => {
    expect(releasedAs("github.com/prometheus/prometheus", "0.315.1")).toBe("3.15.1");
    expect(releasedAs("github.com/prometheus/prometheus", "0.306.0")).toBe("3.6.0");
    expect(releasedAs("github.com/prometheus/alertmanager", "0.31.1")).toBe("0.31.1");
  });

  it("names platforms as Go does", () => {
    expect(platformOf("linux", "x64")).toEqual({ os: "linux", arch: "amd64" });
    expect(platformOf("darwin", "arm64")).toEqual({ os: "darwin", arch: "arm64" });
  });
});
