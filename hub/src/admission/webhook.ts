import { type Clock, messageOf, sleep } from "@sightline/shared";
import { errorFields, type Logger, reasonFields } from "@sightline/shared/telemetry";
import type { Registry } from "prom-client";
import type { KubeClient } from "../kube/client.ts";
import { askAlive } from "./alive.ts";
import { CertificateKeeper } from "./certificates/keeper.ts";
import { bundleOf, type Material } from "./certificates/material.ts";
import { baseUrlOf, namesOf } from "./configuration.ts";
import { readClientCa, type WebhookConfig } from "./flags.ts";
import { AdmissionListener } from "./listener.ts";
import { AdmissionMetrics } from "./metrics.ts";
import { removeRegistration, WebhookRegistration } from "./registration.ts";
import type { Reviewer } from "./types.ts";

/** How often certificates and registration are looked after. Milliseconds. */
const KEEP_MS = 5000;
/** The same while something is missing. */
const RETRY_MS = 500;
/** Between two questions whether another hub serves. Milliseconds. */
const ASK_PAUSE_MS = 250;
/** How often that is asked: a Service leads, for a while, also to hubs that are gone. */
const ASK_TRIES = { url: 2, service: 8 } as const;

export interface AdmissionWebhookOptions {
  config: WebhookConfig;
  /** The hub's own namespace, where the certificates lie. */
  namespace: string;
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  reviewer: Reviewer;
  registry: Registry;
  /** Whether this replica is the one that registers the webhook: two of different versions would undo each other's work. */
  leads: () => boolean;
  /** Called when the listener cannot be opened: the process is of no use. */
  fail: (error: Error) => void;
}

/**
 * Reviews what users change before it is stored. Every replica serves; the one that leads registers the webhook, once it
 * answers; the last one that ends in good order takes it away.
 */
export class AdmissionWebhook {
  readonly #options: AdmissionWebhookOptions;
  readonly #keeper: CertificateKeeper;
  readonly #registration: WebhookRegistration;
  readonly #listener: AdmissionListener;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  /** Authorities of what is served. */
  #bundle = "";
  #answered = false;
  #missing: string | undefined = "the admission webhook's certificates have not been read";

  constructor(options: AdmissionWebhookOptions) {
    this.#options = options;
    const { client, config, registry } = options;
    this.#keeper = new CertificateKeeper({ ...options, names: namesOf(config.address) });
    this.#registration = new WebhookRegistration(client, config.address);
    this.#listener = new AdmissionListener({ ...options, ...config, metrics: new AdmissionMetrics(registry) });
  }

  /** What keeps changes from being reviewed, as a sentence. */
  get missing(): string | undefined {
    return this.#missing;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends serving, and takes the registration away unless another hub serves. */
  async stop(): Promise<void> {
    const { client, logger } = this.#options;
    this.#stopping.abort();
    await this.#running;
    if (!this.#listener.open) return;
    await this.#listener.close();
    try {
      if (await this.#isServedByAnother()) return;
      logger.info("No hub serves the admission webhook any more: it is registered no more", { removed: await removeRegistration(client) });
    } catch (error) {
      logger.warn("The admission webhook stays registered: changes are refused until a hub serves it again", errorFields(error));
    }
  }

  async #run(): Promise<void> {
    const { clock, logger, config } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const before = this.#missing;
      this.#missing = await this.#look();
      if (this.#missing === undefined && before !== undefined) logger.info("The admission webhook is served and registered", { url: baseUrlOf(config.address) });
      await sleep(clock, this.#missing === undefined ? KEEP_MS : RETRY_MS, this.#stopping.signal);
    }
  }

  /** Looks after everything once. Never rejects. @returns what is missing. */
  async #look(): Promise<string | undefined> {
    try {
      const material = await this.#keeper.ensure();
      await this.#serve(material);
      return await this.#register();
    } catch (error) {
      const sentence = messageOf(error);
      if (sentence !== this.#missing) this.#options.logger.warn("The admission webhook cannot be looked after now", reasonFields(error));
      return sentence;
    }
  }

  async #serve(material: Material): Promise<void> {
    const { config, fail } = this.#options;
    const clientCa = await readClientCa(config);
    this.#bundle = bundleOf(material);
    try {
      await this.#listener.serve({ ...material.leaf, ...(clientCa === undefined ? {} : { clientCa }) });
    } catch (error) {
      if (!this.#listener.open) fail(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  /** Never before it answers: an API server that asks nobody refuses everything. */
  async #register(): Promise<string | undefined> {
    const { leads, logger } = this.#options;
    const silent = this.#answered ? undefined : await this.#listener.askItself(this.#bundle);
    if (silent !== undefined) return silent;
    this.#answered = true;
    if (this.#stopping.signal.aborted) return "the admission webhook is ending";
    if (!leads()) return (await this.#registration.stands(this.#bundle)) ? undefined : "the admission webhook is not registered: that is for the replica that leads";
    if (await this.#registration.keep(this.#bundle)) logger.info("The admission webhook's registration was written");
    return undefined;
  }

  /** Asks at the address that the API server uses, since only who answers there is of use to it. */
  async #isServedByAnother(): Promise<boolean> {
    const { address } = this.#options.config;
    const { hostname, port } = new URL(baseUrlOf(address));
    const asked = { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? 443 : Number(port), ca: this.#bundle };
    const tries = "service" in address ? ASK_TRIES.service : ASK_TRIES.url;
    for (let tried = 0; tried < tries; tried++) {
      if (tried > 0) await sleep(this.#options.clock, ASK_PAUSE_MS);
      if ((await askAlive(asked)) === undefined) return true;
    }
    return false;
  }
}
