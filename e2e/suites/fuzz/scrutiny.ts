import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SightlineError } from "@sightline/shared";

/** CPU time that one input may take, of the 1 s that F21 allows: a busy machine is no hang. */
const MAX_CPU_MS = 1000;

export type TypedErrors = readonly (new (...args: never[]) => Error)[];

const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype] as const;
const clean = fingerprint();

/** Lets code have an input: it gives a value or an error of ours, soon, and leaves the language as it was. @returns the error, if any. */
export function scrutinised(act: () => unknown, typed: TypedErrors = []): Error | undefined {
  const started = process.cpuUsage();
  const error = errorOf(act, typed);
  const { user, system } = process.cpuUsage(started);
  if ((user + system) / 1000 > MAX_CPU_MS) throw new Error(`it took ${(user + system) / 1000} ms of CPU`);
  if (fingerprint() !== clean) throw new Error("it changed a prototype");
  return error;
}

/** The same of what ends later. */
export async function scrutinisedLater<T>(act: () => Promise<T>): Promise<T> {
  const started = process.cpuUsage();
  const value = await act();
  const { user, system } = process.cpuUsage(started);
  if ((user + system) / 1000 > MAX_CPU_MS) throw new Error(`it took ${(user + system) / 1000} ms of CPU`);
  if (fingerprint() !== clean) throw new Error("it changed a prototype");
  return value;
}

function errorOf(act: () => unknown, typed: TypedErrors): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Error && (error instanceof SightlineError || typed.some((kind) => error instanceof kind))) return error;
    throw error;
  }
}

function fingerprint(): string {
  return prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join(";");
}

/** Bytes that are really in use. */
export function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  for (let turn = 0; turn < 3; turn += 1) runInNewContext("gc()");
  return process.memoryUsage().heapUsed;
}
