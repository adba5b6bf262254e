import { createHash } from "node:crypto";
import { decodeJson, encodeJson } from "./cloud-event.ts";
import { WireError } from "./errors.ts";
import type { Phases } from "./result.ts";
import { compileSchema } from "./schema.ts";
import { checkpointChunkSubject, checkpointSubject } from "./subjects.ts";

/** The last result of one (monitor, cluster), in the hub's terms. */
export interface PairState {
  checkHash: string;
  agentEpoch: number;
  sequence: number;
  /** End of the probe on the hub's clock, milliseconds since the Unix epoch. */
  endedAt: number;
  success: boolean;
  statusCode: number;
  durationMs: number;
  phases: Phases;
  error?: { code: string; message: string };
  certificateExpiresAt?: number;
  /** Absent where every result decides by itself. */
  damping?: Damping;
}

/** What flap damping knows of a pair after its last result. */
export interface Damping {
  /** Whether the cluster counts as passed. */
  passed: boolean;
  /** The results since `passed` last changed, oldest first, at most MAX_WINDOW: `1` for a success, `0` for a failure. */
  recent: string;
  /** The newest failure, where the cluster still counts as failed after a success. */
  failure?: Pick<PairState, "endedAt" | "error">;
}

/** Most results that damping looks back at. */
export const MAX_WINDOW = 20;

export interface CheckpointPair {
  uid: string;
  cluster: string;
  state: PairState;
}

/** What a partition's owner knows, and up to where of the results stream it knows it. */
export interface Checkpoint {
  /** Creation time of the results stream: a recreated stream has other messages under the same sequences. */
  created: string;
  /** All results up to this stream sequence are in `pairs`, or belong to no monitor. */
  sequence: number;
  /** When that message was stored, milliseconds since the Unix epoch; 0 when it is not known. */
  storedAt: number;
  pairs: CheckpointPair[];
}

/** Names the chunks that make up a checkpoint. */
export interface CheckpointManifest {
  /** The process that wrote it. */
  owner: string;
  chunks: number;
  /** Of all chunks together, 64 hex digits. */
  sha256: string;
}

const CHUNK_BYTES = 500 * 1024;

const natural = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const text = { type: "string" } as const;
const error = { type: "object", required: ["code", "message"], properties: { code: text, message: text } } as const;

const validateManifest = compileSchema<CheckpointManifest>({
  type: "object",
  required: ["owner", "chunks", "sha256"],
  properties: { owner: text, chunks: { type: "integer", minimum: 1, maximum: 10_000 }, sha256: { type: "string", pattern: "^[0-9a-f]{64}$" } },
});

const validateCheckpoint = compileSchema<Checkpoint>({
  type: "object",
  required: ["created", "sequence", "storedAt", "pairs"],
  properties: {
    created: text,
    sequence: natural,
    storedAt: natural,
    pairs: {
      type: "array",
      items: {
        type: "object",
        required: ["uid", "cluster", "state"],
        properties: {
          uid: text,
          cluster: text,
          state: {
            type: "object",
            required: ["checkHash", "agentEpoch", "sequence", "endedAt", "success", "statusCode", "durationMs", "phases"],
            properties: {
              checkHash: text,
              agentEpoch: natural,
              sequence: natural,
              endedAt: { type: "integer" },
              success: { type: "boolean" },
              statusCode: natural,
              durationMs: { type: "number" },
              phases: { type: "object" },
              error,
              certificateExpiresAt: { type: "number" },
              damping: {
                type: "object",
                required: ["passed", "recent"],
                properties: {
                  passed: { type: "boolean" },
                  recent: { type: "string", pattern: `^[01]{0,${MAX_WINDOW}}$` },
                  failure: { type: "object", required: ["endedAt"], properties: { endedAt: { type: "integer" }, error } },
                },
              },
            },
          },
        },
      },
    },
  },
});

/** The messages that store a checkpoint: its chunks, then the manifest, last. */
export function encodeCheckpoint(partition: number, owner: string, checkpoint: Checkpoint): { subject: string; payload: Uint8Array }[] {
  const bytes = encodeJson(checkpoint);
  const messages: { subject: string; payload: Uint8Array }[] = [];
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
    messages.push({ subject: checkpointChunkSubject(partition, messages.length), payload: bytes.subarray(offset, offset + CHUNK_BYTES) });
  }
  const manifest: CheckpointManifest = { owner, chunks: messages.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  return [...messages, { subject: checkpointSubject(partition), payload: encodeJson(manifest) }];
}

/** @throws WireError */
export function parseCheckpointManifest(bytes: Uint8Array): CheckpointManifest {
  return validateManifest(decodeJson(bytes), "checkpoint manifest");
}

/** @throws WireError when the chunks are not the ones that the manifest names, or hold no checkpoint. */
export function parseCheckpoint(manifest: CheckpointManifest, chunks: readonly Uint8Array[]): Checkpoint {
  const bytes = Buffer.concat(chunks);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (chunks.length !== manifest.chunks || sha256 !== manifest.sha256) throw new WireError("INVALID_MESSAGE", "the checkpoint's chunks are not the ones that its manifest names");
  return validateCheckpoint(decodeJson(bytes), "checkpoint");
}
