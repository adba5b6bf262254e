import { KubeConfig } from "@kubernetes/client-node";
import type { KubeClient, KubeRequest } from "../kube/client.ts";
import { KubeError } from "../kube/errors.ts";

/**
 * A client whose answers a test scripts, for what a real API server does not do on demand. It knows nothing of
 * Kubernetes: behaviour that depends on the server is tested against a real one.
 */
export class FakeKube implements KubeClient {
  readonly config = new KubeConfig();
  readonly requests: KubeRequest[] = [];
  /** The first that gives an answer, or throws, wins; without one the object is echoed, or not found. */
  answers: ((request: KubeRequest) => unknown)[] = [];

  request(request: KubeRequest): Promise<unknown> {
    this.requests.push(request);
    try {
      for (const answer of this.answers) {
        const given = answer(request);
        if (given !== undefined) return Promise.resolve(given);
      }
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    if (request.method === "GET") return Promise.reject(new KubeError("NOT_FOUND", `failed to ${request.action}: not found`, { retryable: true }));
    return Promise.resolve(request.body);
  }

  /** What was sent, as `METHOD path`. */
  get log(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }
}
