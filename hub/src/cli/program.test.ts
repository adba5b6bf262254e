import { describe, expect, it } from "vitest";
import { commandLine, type ExplainRequest } from "./program.ts";

async function asked(...words: string[]): Promise<ExplainRequest[]> {
  const requests: ExplainRequest[] = [];
  const program = commandLine((request) => Promise.resolve(void requests.push(request)));
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(words, { from: "user" });
  return requests;
}

describe("sightline explain", () => {
  it("takes a monitor, and has a default for all else", async () => {
    expect(await asked("explain", "shop/checkout")).toEqual([{ namespace: "shop", name: "checkout", kubeconfig: undefined, output: "text" }]);
    expect(await asked("explain", "shop/checkout", "-o", "json", "--kubeconfig", "/k")).toEqual([{ namespace: "shop", name: "checkout", kubeconfig: "/k", output: "json" }]);
  });

  it.each([
    [["explain"], "missing required argument 'namespace/name'"],
    [["explain", "checkout"], "It must be NAMESPACE/NAME, such as shop/checkout."],
    [["explain", "a/b/c"], "It must be NAMESPACE/NAME, such as shop/checkout."],
    [["explain", "a/../b"], "It must be NAMESPACE/NAME, such as shop/checkout."],
    [["explain", "shop/checkout", "-o", "xml"], "Allowed choices are text, json."],
    [["explain", "shop/checkout", "--verbose"], "unknown option '--verbose'"],
    [["explode"], "unknown command 'explode'"],
  ])("refuses %j with a sentence and code 1", async (words, sentence) => {
    await expect(asked(...words)).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining(sentence) as unknown });
  });
});
