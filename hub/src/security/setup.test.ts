import type { ClusterRegistration, HTTPMonitor, MonitorPolicy, Namespace } from "@sightline/shared/api";
import { newSigningKey } from "@sightline/shared/identity";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { Registry } from "prom-client";
import { expect, it } from "vitest";
import type { WebhookConfig } from "../admission/flags.ts";
import { RecordingAuditLog } from "../audit/testing.ts";
import { KubeError } from "../kube/errors.ts";
import { ControllerMetrics } from "../kube/metrics.ts";
import { AnsweringClient } from "../testing/answering-client.ts";
import { FixedLister } from "../testing/fixed-lister.ts";
import { monitor, namespace, registration } from "../testing/objects.ts";
import type { Ruling } from "./guard.ts";
import { startGuard, type WorkSecurityOptions } from "./setup.ts";

const WEBHOOK: WebhookConfig = { listen: { host: "127.0.0.1", port: 9443 }, address: { url: "https://127.0.0.1:9443" }, clientCaFile: undefined, clientNames: [] };

/** What a hub that was started with these flags says of a monitor that nobody is recorded to have asked for. */
async function rulingBy(flags: Pick<WorkSecurityOptions["config"], "webhook" | "placeUnreviewed">): Promise<Ruling> {
  const client = new AnsweringClient(() => {
    throw new KubeError("UNAVAILABLE", "no API server here");
  });
  const security = startGuard({
    config: { defaultIntervalMs: 30_000, defaultTimeoutMs: 5000, leaseNamespace: "sightline-system", ...flags },
    keys: { signing: newSigningKey("hub").key },
    kubernetes: { client, monitors: new FixedLister<HTTPMonitor>(), registrations: new FixedLister<ClusterRegistration>([registration("eu-1")]), namespaces: new FixedLister<Namespace>(), policies: new FixedLister<MonitorPolicy>() },
    audit: new RecordingAuditLog(),
    clock: new ManualClock(),
    random: () => 0,
    logger: silentLogger,
    metrics: new ControllerMetrics(new Registry()),
    recordEvent: () => undefined,
    onChange: () => undefined,
  });
  try {
    return await security.guard.rule({ monitor: monitor(), namespace: namespace({}), running: new Set() });
  } finally {
    await security.stop();
  }
}

it.each([
  ["with a webhook", WEBHOOK, /; apply it again: /],
  ["without one", undefined, /; this hub reviews nothing: start the hubs with --webhook-listen, then apply it again: /],
])("a hub %s lets nothing run that nobody reviewed, and says what cures it", async (_what, webhook, cure) => {
  expect((await rulingBy({ webhook, placeUnreviewed: false })).refusal).toMatchObject({ reason: "NotAuthorized", withdraw: true, message: expect.stringMatching(cure) as unknown });
});

it("a hub that was told to place what nobody reviewed does so", async () => {
  expect(await rulingBy({ webhook: undefined, placeUnreviewed: true })).toMatchObject({ author: undefined, refusal: undefined });
});
