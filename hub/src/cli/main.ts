import { messageOf, systemClock } from "@sightline/shared";
import { createKubeClient, loadUserKubeConfig } from "../kube/client.ts";
import { explain } from "./explain.ts";
import { commandLine, type ExplainRequest } from "./program.ts";
import { readView } from "./read.ts";
import { renderJson, renderText } from "./render.ts";

const REQUEST_TIMEOUT_MS = 10_000;

async function run({ namespace, name, kubeconfig, output }: ExplainRequest): Promise<void> {
  const client = createKubeClient(loadUserKubeConfig(kubeconfig), { clock: systemClock, timeoutMs: REQUEST_TIMEOUT_MS, userAgent: "sightline" });
  const explanation = explain(await readView(client, { namespace, name }));
  process.stdout.write(output === "json" ? renderJson(explanation) : renderText(explanation));
}

try {
  await commandLine(run).parseAsync();
} catch (error) {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
