import type { Command } from "commander";
import { flag, whole } from "@sightline/shared/flags";

/** Where decisions are kept. */
export interface AuditConfig {
  /** Undefined: the standard output. */
  path: string | undefined;
  maxBytes: number;
  maxFiles: number;
}

export interface AuditFlags {
  auditLog: string;
  auditLogMaxSize: number;
  auditLogMaxFiles: number;
}

const MIB = 1024 * 1024;

export function addAuditFlags(command: Command): Command {
  return command
    .addOption(flag("--audit-log <file>", "file of the audit log, on a disk that survives the pod; `-` for the standard output, where nothing is forced to a disk").default("-"))
    .addOption(flag("--audit-log-max-size <MiB>", "a file of the audit log past this is put aside, and a new one begun").argParser(whole()).default(100))
    .addOption(flag("--audit-log-max-files <n>", "how many files that were put aside are kept; 0 for all").argParser(whole(0)).default(10));
}

export function readAudit({ auditLog, auditLogMaxSize, auditLogMaxFiles }: AuditFlags): AuditConfig {
  return { path: auditLog === "-" ? undefined : auditLog, maxBytes: auditLogMaxSize * MIB, maxFiles: auditLogMaxFiles };
}
