import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { at } from "../kit/json.ts";

/** A target in another process. */
export interface CountingTarget extends AsyncDisposable {
  port: number;
  pid: number;
  /** Requests that it has answered so far. */
  requests(): Promise<number>;
}

export async function startCountingTarget(): Promise<CountingTarget> {
  const child = fork(join(import.meta.dirname, "target-process.ts"));
  const port = await numberFrom(child, "port");
  return {
    port,
    pid: child.pid ?? 0,
    requests: () => {
      child.send("count");
      return numberFrom(child, "requests");
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

function numberFrom(child: ChildProcess, field: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      child.off("message", told).off("exit", ended);
      act();
    };
    const told = (message: unknown): void => {
      const found = at(message, field);
      settle(() => (typeof found === "number" ? resolve(found) : reject(new TypeError(`the target said nothing of its ${field}`))));
    };
    const ended = (code: number | null): void => settle(() => reject(new Error(`the target ended with code ${code}`)));
    child.on("message", told).on("exit", ended);
  });
}
