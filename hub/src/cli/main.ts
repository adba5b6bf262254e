import { messageOf, systemClock } from "@sightline/shared";
import { diagnose } from "../doctor/doctor.ts";
import { troubleWithFiles } from "../doctor/files.ts";
import { doctorCommand, type DoctorRequest, WRONG_COMMAND_LINE } from "../doctor/flags.ts";
import * as doctorReport from "../doctor/render.ts";
import { createKubeClient, loadUserKubeConfig } from "../kube/client.ts";
import { auditCommand, runAuditVerify } from "./audit.ts";
import { explain } from "./explain.ts";
import { initCommand, runInit } from "./init.ts";
import { joinCommand } from "./join/command.ts";
import { runJoinCommand } from "./join/run.ts";
import { commandLine, explainCommand, type ExplainRequest } from "./program.ts";
import { readView } from "./read.ts";
import { renderJson, renderText } from "./render.ts";
import { releaseCommand, runRelease, runUninstall, uninstallCommand } from "./uninstall.ts";

const REQUEST_TIMEOUT_MS = 10_000;

async function runExplain({ namespace, name, kubeconfig, defaults, output }: ExplainRequest): Promise<void> {
  const client = createKubeClient(loadUserKubeConfig(kubeconfig), { clock: systemClock, timeoutMs: REQUEST_TIMEOUT_MS, userAgent: "sightline" });
  const explanation = explain({ ...(await readView(client, { namespace, name })), defaults });
  process.stdout.write(output === "json" ? renderJson(explanation) : renderText(explanation));
}

async function runDoctor(request: DoctorRequest): Promise<void> {
  const trouble = troubleWithFiles(request.nats);
  if (trouble !== undefined) {
    process.stderr.write(`error: ${trouble}\n`);
    process.exitCode = WRONG_COMMAND_LINE;
    return;
  }
  const report = await diagnose(request, systemClock);
  const colours = process.stdout.isTTY && process.stdout.hasColors();
  process.stdout.write(request.output === "json" ? doctorReport.renderJson(report) : doctorReport.renderText(report, colours));
  process.exitCode = report.exitCode;
}

try {
  await commandLine(explainCommand(runExplain), doctorCommand(runDoctor), initCommand(runInit), joinCommand(runJoinCommand), auditCommand(runAuditVerify), uninstallCommand(runUninstall), releaseCommand(runRelease)).parseAsync();
} catch (error) {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
