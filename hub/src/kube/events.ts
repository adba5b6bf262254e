import { createHash } from "node:crypto";
import { API_GROUP, FIELD_MANAGER, rfc3339 } from "@sightline/shared/api";
import type { KubeClient } from "./client.ts";
import { isKubeError } from "./errors.ts";
import { EVENT_REASONS, type EventReason } from "./event-reasons.ts";
import { collectionPath, EVENTS, keyOf, type Resource } from "./resources.ts";
import type { Seen } from "./writes.ts";

/** Something that happened to an object, for `kubectl describe`. */
export interface EventNote {
  resource: Resource;
  object: Pick<Seen, "name" | "namespace" | "uid">;
  reason: EventReason;
  message: string;
  /** Hub's clock, milliseconds. */
  at: number;
  /** What makes it this event and no other, such as the time of the transition and the new state: told twice, it is one. */
  identity: string;
}

/** The API server's limit on an Event's message. */
const MAX_MESSAGE = 1024;
/** The API server's limit on an Event's name, less what follows the object's: a full stop and the digest. */
const MAX_OBJECT_NAME = 253 - 17;
/** Where events of cluster-scoped objects live. */
const DEFAULT_NAMESPACE = "default";

/** @returns false when the event stands already. @throws KubeError */
export async function createEvent(client: KubeClient, note: EventNote): Promise<boolean> {
  try {
    await client.request({
      action: `create event ${note.reason} of ${note.resource.name} ${keyOf(note.object)}`,
      method: "POST",
      path: collectionPath(EVENTS, note.object.namespace ?? DEFAULT_NAMESPACE),
      query: { fieldManager: FIELD_MANAGER },
      body: eventOf(note),
    });
    return true;
  } catch (error) {
    if (isKubeError(error, "ALREADY_EXISTS")) return false;
    throw error;
  }
}

/** Deterministic, so that two hubs, or one that was restarted, make one event. */
export function eventName({ object, identity, reason }: EventNote): string {
  const digest = createHash("sha256").update(`${object.uid}\0${reason}\0${identity}`).digest("hex").slice(0, 16);
  return `${object.name.slice(0, MAX_OBJECT_NAME).replace(/[-.]+$/, "")}.${digest}`;
}

function eventOf(note: EventNote): object {
  const { resource, object, reason, message, at } = note;
  const time = rfc3339(at);
  return {
    apiVersion: EVENTS.apiVersion,
    kind: EVENTS.kind,
    metadata: { name: eventName(note), namespace: object.namespace ?? DEFAULT_NAMESPACE },
    involvedObject: { apiVersion: resource.apiVersion, kind: resource.kind, name: object.name, namespace: object.namespace, uid: object.uid },
    type: EVENT_REASONS[reason],
    reason,
    message: message.slice(0, MAX_MESSAGE),
    source: { component: FIELD_MANAGER },
    reportingComponent: `${API_GROUP}/${FIELD_MANAGER}`,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
