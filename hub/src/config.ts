import { Command } from "commander";
import { isLoopback } from "@sightline/shared/debug";
import { addWebhookFlags, readWebhook, type WebhookConfig, type WebhookFlags } from "./admission/flags.ts";
import { duration, flag, type HostPort, hostPort, natsServers, share, whole } from "@sightline/shared/flags";
import { addTracingFlags, DEFAULT_TRACE_RATIO, LOG_LEVELS, type LogLevel, readTracing, type TracingConfig, type TracingFlags } from "@sightline/shared/telemetry";
import { pairOf, type TlsFiles } from "./api/tls-files.ts";
import { addAuditFlags, type AuditConfig, type AuditFlags, readAudit } from "./audit/flags.ts";
import { addDebugFlags, type DebugConfig, type DebugFlags, readDebug } from "./debug/flags.ts";
import { addAlertFlags, type AlertConfig, type AlertFlags, readAlerts } from "./alerts/flags.ts";
import { addLeakFlags, type LeakConfig, type LeakFlags, readLeaks } from "./leaks/flags.ts";
import { CHECK_DEFAULTS } from "./monitors/check.ts";
import { addSecretsFlags, readSecretsConfig, type SecretsConfig, type SecretsFlags } from "./secrets/vault-config.ts";

/** Everything that can be set on a hub. Times in milliseconds. */
export interface HubConfig {
  /** Path of a kubeconfig, or undefined to use the pod's ServiceAccount. */
  kubeconfig: string | undefined;
  natsServers: string[];
  /** Folder with the keys of the installation (see identity/hub-keys.ts). */
  keysDir: string;
  natsCaFile: string | undefined;
  natsReplicas: number;
  listen: HostPort;
  /** Of that listener; undefined: it speaks plain HTTP. */
  tls: TlsFiles | undefined;
  /** Whether `/metrics` asks who wants it. */
  metricsAuthorization: boolean;
  logLevel: LogLevel;
  defaultIntervalMs: number;
  defaultTimeoutMs: number;
  concurrency: number;
  /** Statuses refreshed per second, over all monitors. */
  refreshBudget: number;
  /** Changed verdicts written per second, over all monitors. */
  transitionBudget: number;
  /** With more pairs of monitor and cluster than this their series are left out of the metrics. */
  pairSeriesLimit: number;
  /** This replica's name among the others; undefined: one that no other process ever has. */
  identity: string | undefined;
  /** Where the Lease lies by which the replicas elect the active one. */
  leaseNamespace: string;
  leaseDurationMs: number;
  leaseRenewIntervalMs: number;
  leaseRenewDeadlineMs: number;
  debug: DebugConfig;
  leaks: LeakConfig;
  alerts: AlertConfig;
  audit: AuditConfig;
  secrets: SecretsConfig;
  tracing: TracingConfig;
  /** Undefined: nothing is reviewed before it is stored. */
  webhook: WebhookConfig | undefined;
  /** Places monitors that nobody reviewed: only without a webhook. */
  placeUnreviewed: boolean;
  /** Share of the reconciles that neither failed nor changed anything whose traces are kept. */
  traceRatio: number;
}

interface Flags extends WebhookFlags, DebugFlags, TracingFlags, LeakFlags, AlertFlags, AuditFlags, SecretsFlags {
  traceRatio: number;
  kubeconfig?: string;
  natsUrl: string[];
  keysDir: string;
  natsCa?: string;
  natsReplicas: number;
  listen: HostPort;
  tlsCert?: string;
  tlsKey?: string;
  metricsAuthorization: boolean;
  logLevel: LogLevel;
  placeUnreviewed: boolean;
  defaultInterval: number;
  defaultTimeout: number;
  concurrency: number;
  refreshBudget: number;
  transitionBudget: number;
  pairSeriesLimit: number;
  identity?: string;
  leaseNamespace: string;
  leaseDuration: number;
  leaseRenewInterval: number;
  leaseRenewDeadline: number;
}

/** Reads the command line, then the environment (`SIGHTLINE_NATS_URL` for `--nats-url`, and so on). Exits with a sentence when it is wrong. */
export function readConfig(argv: readonly string[]): HubConfig {
  const program = addSecretsFlags(addAuditFlags(addAlertFlags(addLeakFlags(addTracingFlags(addDebugFlags(addWebhookFlags(command()))))))).parse([...argv]);
  const flags = program.opts<Flags>();
  const wrong = contradictionIn(flags);
  if (wrong !== undefined) program.error(`error: ${wrong}`);
  return {
    kubeconfig: flags.kubeconfig,
    natsServers: flags.natsUrl,
    keysDir: flags.keysDir,
    natsCaFile: flags.natsCa,
    natsReplicas: flags.natsReplicas,
    listen: flags.listen,
    tls: pairOf({ certFile: flags.tlsCert, keyFile: flags.tlsKey }, () => program.error("error: --tls-cert and --tls-key go together")),
    metricsAuthorization: flags.metricsAuthorization,
    logLevel: flags.logLevel,
    defaultIntervalMs: flags.defaultInterval,
    defaultTimeoutMs: flags.defaultTimeout,
    concurrency: flags.concurrency,
    refreshBudget: flags.refreshBudget,
    transitionBudget: flags.transitionBudget,
    pairSeriesLimit: flags.pairSeriesLimit,
    identity: flags.identity,
    leaseNamespace: flags.leaseNamespace,
    leaseDurationMs: flags.leaseDuration,
    leaseRenewIntervalMs: flags.leaseRenewInterval,
    leaseRenewDeadlineMs: flags.leaseRenewDeadline,
    leaks: readLeaks(flags),
    alerts: readAlerts(flags, (sentence) => program.error(sentence)),
    secrets: readSecretsConfig(flags, (sentence) => program.error(sentence)),
    audit: readAudit(flags),
    debug: readDebug(flags, (sentence) => program.error(sentence)),
    webhook: readWebhook(flags, (sentence) => program.error(sentence)),
    placeUnreviewed: flags.placeUnreviewed,
    tracing: readTracing(flags, process.env, (sentence) => program.error(sentence)),
    traceRatio: flags.traceRatio,
  };
}

/** What is wrong with flags that are right one by one; undefined where nothing is. */
function contradictionIn(flags: Flags): string | undefined {
  if (!(flags.leaseRenewInterval < flags.leaseRenewDeadline && flags.leaseRenewDeadline < flags.leaseDuration)) return "--lease-renew-interval must be less than --lease-renew-deadline, and that less than --lease-duration";
  if (flags.metricsAuthorization && flags.tlsCert === undefined && !isLoopback(flags.listen)) return "--metrics-authorization needs --tls-cert and --tls-key: tokens would cross the network in clear";
  if (flags.placeUnreviewed && flags.webhookListen !== undefined) return "--place-unreviewed is for hubs without --webhook-listen: with it every monitor that is applied has a record";
  return undefined;
}

function command(): Command {
  return new Command("sightline-hub")
    .description("Selects clusters for HTTPMonitors, hands checks to their agents, and writes one verdict.")
    .addOption(flag("--kubeconfig <file>", "kubeconfig of the hub's API server; without it the pod's ServiceAccount"))
    .addOption(flag("--nats-url <urls>", "NATS servers (tls://host:port), separated by commas").argParser(natsServers).makeOptionMandatory())
    .addOption(flag("--keys-dir <dir>", "folder with the installation's keys, as sightline init makes it").makeOptionMandatory())
    .addOption(flag("--nats-ca <file>", "certificate authority of the NATS servers"))
    .addOption(flag("--nats-replicas <n>", "replicas of each stream: 1 on a laptop, 3 in production").argParser(whole()).default(1))
    .addOption(flag("--listen <host:port>", "where the API, health and metrics are served").argParser(hostPort).default(hostPort("0.0.0.0:8080"), "0.0.0.0:8080"))
    .addOption(flag("--tls-cert <file>", "certificate of --listen; read again when it changes. Without it --listen speaks plain HTTP"))
    .addOption(flag("--tls-key <file>", "key of that certificate"))
    .addOption(flag("--metrics-authorization", "serve /metrics only to whom the hub's API server allows to get it").default(false))
    .addOption(flag("--log-level <level>", "least severe level that is logged").choices(LOG_LEVELS).default("info"))
    .addOption(flag("--place-unreviewed", "without a webhook, place monitors whoever made them: nobody's rights are looked at").default(false))
    .addOption(flag("--default-interval <duration>", "interval of a monitor that names none").argParser(duration).default(CHECK_DEFAULTS.intervalMs, "30s"))
    .addOption(flag("--default-timeout <duration>", "timeout of a monitor that names none, never above its interval").argParser(duration).default(CHECK_DEFAULTS.timeoutMs, "5s"))
    .addOption(flag("--concurrency <n>", "reconciles at the same time, per controller").argParser(whole()).default(8))
    .addOption(flag("--refresh-budget <n>", "refreshes of statuses per second, over all monitors").argParser(whole()).default(50))
    .addOption(flag("--transition-budget <n>", "changed verdicts written per second, over all monitors").argParser(whole()).default(100))
    .addOption(flag("--pair-series-limit <n>", "most pairs of monitor and cluster whose probe_ series this hub serves; 0 for never").argParser(whole(0)).default(10_000))
    .addOption(flag("--trace-ratio <share>", "share (0 to 1) of reconciles without news whose traces are kept").argParser(share).default(DEFAULT_TRACE_RATIO))
    .addOption(flag("--identity <name>", "this replica's name in the lease, when no two processes can have it at once"))
    .addOption(flag("--lease-namespace <namespace>", "where the lease lies by which the replicas elect the active one").default("sightline-system"))
    .addOption(flag("--lease-duration <duration>", "how long an active replica may be unheard of before another one takes over").argParser(duration).default(12_000, "12s"))
    .addOption(flag("--lease-renew-interval <duration>", "how often the active replica renews the lease").argParser(duration).default(4000, "4s"))
    .addOption(flag("--lease-renew-deadline <duration>", "how long after the last renewal an active replica stops").argParser(duration).default(9000, "9s"));
}
