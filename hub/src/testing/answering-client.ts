import { KubeConfig } from "@kubernetes/client-node";
import type { KubeClient, KubeRequest } from "../kube/client.ts";

/** A connection to an API server that answers as a test says, and remembers what it was asked. */
export class AnsweringClient implements KubeClient {
  readonly config = new KubeConfig();
  readonly requests: KubeRequest[] = [];
  readonly #answer: (request: KubeRequest) => unknown;

  constructor(answer: (request: KubeRequest) => unknown) {
    this.#answer = answer;
  }

  async request(request: KubeRequest): Promise<unknown> {
    this.requests.push(request);
    return this.#answer(request);
  }
}
