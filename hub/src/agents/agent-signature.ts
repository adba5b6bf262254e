import type { ClusterRegistration } from "@sightline/shared/api";
import { isMessageSignedBy } from "@sightline/shared/identity";

/** Why a message is not taken for that of a cluster's agent. */
export type Distrust =
  /** The cluster has no agent that enrolled, is not accepted, or is not registered at all. */
  | "unknown_key"
  /** It carries no signature. */
  | "unsigned"
  /** It is not signed by the key that the agent enrolled with. */
  | "bad_signature";

export const DISTRUSTS: readonly Distrust[] = ["unknown_key", "unsigned", "bad_signature"];

/** What a person reads who wonders about a refused message. */
export const DISTRUST_SENTENCES: Record<Distrust, string> = {
  unknown_key: "the cluster has no accepted agent whose key is known",
  unsigned: "the message is not signed",
  bad_signature: "the message is not signed by the cluster's agent",
};

/** Whether a message is that of a cluster's agent. Asked before anything of it is read. */
export type DistrustOf = (cluster: string, message: AgentMessage) => Distrust | undefined;

export interface AgentMessage {
  subject: string;
  payload: Uint8Array | null;
  /** From its header; the sender chose it. */
  signature?: string;
}

/**
 * Decides by the key that the agent enrolled with, as the registration says now. What was signed with a former key counts
 * no more, also when it was stored before the change: at most what no hub had read by then is lost, and the next probe
 * says it again; to believe former keys would let a stolen one be used for as long as results are kept.
 * @returns undefined when the message is to be believed.
 */
export function distrustOf(registration: ClusterRegistration | undefined, { subject, payload, signature }: AgentMessage): Distrust | undefined {
  const key = registration?.spec.accepted === true ? registration.status?.publicKey : undefined;
  if (key === undefined) return "unknown_key";
  if (signature === undefined) return "unsigned";
  return isMessageSignedBy(key, subject, payload ?? new Uint8Array(), signature) ? undefined : "bad_signature";
}
