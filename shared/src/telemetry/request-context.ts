import { AsyncLocalStorage } from "node:async_hooks";

/** The request that a log line belongs to. `user_id` is known once it has been authenticated. */
export interface RequestFields {
  request_id: string;
  user_id?: string;
}

const current = new AsyncLocalStorage<RequestFields>();

/** Runs something, and all that it starts, as a part of a request. */
export function withRequest<T>(fields: RequestFields, run: () => T): T {
  return current.run({ ...fields }, run);
}

/** From now on the request that is being served has this user. */
export function setRequestUser(name: string): void {
  const request = current.getStore();
  if (request !== undefined) request.user_id = name;
}

/** For `createLogger({ ambient })`: the fields of the request that is being served; none outside of one. */
export function requestFields(): Record<string, string> {
  return { ...current.getStore() };
}
