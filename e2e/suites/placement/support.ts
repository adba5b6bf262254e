import { connectNats, credsFile, type NatsConnection, storedMessage } from "@sightline/shared/nats";
import { ASSIGNMENT_STREAM, assignmentSubject } from "@sightline/shared/wire";

import type { Stage } from "../../kit/sandbox.ts";
import { waitUntil } from "../../kit/wait.ts";

/** Generous: a slow machine is no failure. What it really took is printed. */
const PATIENCE_MS = 30_000;

/** A ClusterRegistration as a platform team writes it. */
export function cluster(name: string, spec: object, labels: Record<string, string> = {}): object {
  return { apiVersion: "monitoring.example.com/v1", kind: "ClusterRegistration", metadata: { name, labels }, spec: { accepted: true, ...spec } };
}

/** What is assigned to whom, read from NATS itself. */
export class AssignmentView implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #connection: NatsConnection;

  private constructor(stage: Stage, connection: NatsConnection) {
    this.#stage = stage;
    this.#connection = connection;
  }

  static async open(stage: Stage): Promise<AssignmentView> {
    const { nats, natsHub } = stage.sandbox.state;
    return new AssignmentView(stage, await connectNats({ servers: [...nats], credentials: credsFile(natsHub.credsFile), caFile: natsHub.ca, name: "test" }));
  }

  /** Those of the clusters that hold an assignment of the monitor. */
  async clustersOf(key: string, clusters: readonly string[]): Promise<string[]> {
    const uid = (await this.#stage.api.monitor(key))?.metadata.uid ?? "";
    const held = await Promise.all(clusters.map(async (name) => ((await this.#isStored(assignmentSubject(name, uid))) ? [name] : [])));
    return held.flat();
  }

  /** Makes a change, waits until the monitor is assigned to exactly these clusters, and prints how long that took. */
  async follows(change: { what: string; make: () => Promise<unknown> }, key: string, wanted: readonly string[], clusters: readonly string[]): Promise<void> {
    await change.make();
    const begun = performance.now();
    let last: string[] = [];
    await waitUntil({ what: `${key} to be assigned to ${wanted.join(", ")} (${change.what})`, timeoutMs: PATIENCE_MS, everyMs: 10 }, async () => {
      last = await this.clustersOf(key, clusters);
      if (last.join() === wanted.join()) return true;
      throw new Error(`it is assigned to ${last.join(", ")}`);
    });
    console.log(`assignments followed in ${Math.round(performance.now() - begun)} ms: ${change.what}`);
  }

  async #isStored(subject: string): Promise<boolean> {
    const found = await storedMessage(this.#connection, ASSIGNMENT_STREAM, { subject });
    return found !== undefined && found.payload !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}
