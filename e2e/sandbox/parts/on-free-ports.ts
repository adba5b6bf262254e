import type { PortSource } from "../../kit/ports.ts";
import { PartDiedError } from "./supervisor.ts";

const TRIES = 5;

/** Starts something on free ports, and on others when somebody takes one of them before it is bound. */
export async function onFreePorts<T>(ports: PortSource, count: number, start: (...ports: number[]) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(...(await ports(count)));
    } catch (error) {
      if (!(error instanceof PartDiedError && error.addressInUse) || tries === TRIES) throw error;
    }
  }
}
