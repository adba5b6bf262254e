import { parseDuration } from "@sightline/shared";
import { parseClusterRegistration, parseHTTPMonitor, parseMetadata, parseMonitorPolicy, parseNamespace } from "@sightline/shared/api";
import { encodeJoinToken, newSealingKey, newSigningKey, parseJoinToken, readClaims, verifiedClaims } from "@sightline/shared/identity";
import { formatTraceparent, newTrace, parseTraceparent } from "@sightline/shared/telemetry";
import * as wire from "@sightline/shared/wire";
import { parseIdentity } from "../../../agent/src/identity/stored-identity.ts";
import { parseAddress } from "../../../agent/src/probe/egress/address.ts";
import { parseHostPattern } from "../../../agent/src/probe/egress/host-pattern.ts";
import { parseRange } from "../../../agent/src/probe/egress/range.ts";
import { decodeReview } from "../../../hub/src/admission/decode.ts";
import { beginLine } from "../../../hub/src/audit/begin.ts";
import { extend, GENESIS, parseLine } from "../../../hub/src/audit/chain.ts";
import { verify } from "../../../hub/src/audit/verify.ts";
import { parseVersion } from "../../../hub/src/doctor/version.ts";
import { parseConfigMap } from "../../../hub/src/kube/config-maps.ts";
import { parseConsistencyLevel } from "../../../hub/src/kube/consistency.ts";
import { parseLease } from "../../../hub/src/kube/leases.ts";
import { parseKey } from "../../../hub/src/kube/resources.ts";
import { AnnotationProblem } from "../../../hub/src/placement/items.ts";
import { parseSelector, SelectorError } from "../../../hub/src/placement/label-selector.ts";
import { parsePlacement } from "../../../hub/src/placement/placement.ts";
import { parseTolerations } from "../../../hub/src/placement/taints.ts";
import { parseSeenResults } from "../../../hub/src/results/results-config-map.ts";
import { readRecord } from "../../../hub/src/security/authorship/record-schema.ts";
import { hostileBytes, hostileJson, hostileText } from "./hostile.ts";
import { bytesOf, review, SAMPLES } from "./samples.ts";
import type { TypedErrors } from "./scrutiny.ts";
import type fc from "fast-check";

/** A parser with what it takes, and inputs that are nearly that. */
export interface Fuzzed {
  takes: () => unknown;
  inputs: fc.Arbitrary<unknown>;
  parse: (input: unknown) => unknown;
  typed: TypedErrors;
}

const bytes = (valid: unknown, parse: (input: Uint8Array) => unknown): Fuzzed => ({
  takes: () => parse(bytesOf(valid)),
  inputs: hostileBytes(valid),
  parse: (input) => parse(input instanceof Uint8Array ? input : new Uint8Array()),
  typed: [],
});
const json = (valid: unknown, parse: (input: unknown) => unknown): Fuzzed => ({ takes: () => parse(valid), inputs: hostileJson(valid), parse, typed: [] });
const text = (valid: string, parse: (input: string) => unknown, ...typed: TypedErrors): Fuzzed => ({ takes: () => parse(valid), inputs: hostileText(valid), parse: (input) => parse(String(input)), typed });

const agent = newSigningKey("agent");
const jwt = ["{}", JSON.stringify({ sub: agent.key.publicKey, iss: agent.key.publicKey, name: "eu-1", iat: 1, exp: 2 }), "signature"].map((part) => Buffer.from(part).toString("base64url")).join(".");
const token = encodeJoinToken({ cluster: "eu-1", servers: ["tls://nats:4222"], seed: agent.seed, jwt, hubKey: newSigningKey("hub").key.publicKey, hubSealingKey: newSealingKey().key.publicKey });
const identity = { v: 1, cluster: "eu-1", agentSeed: agent.seed, connectionSeed: newSigningKey("agent").seed, sealingSeed: newSealingKey().seed, servers: ["tls://nats:4222"], hubKey: "N", hubSealingKey: "X" };
const { manifest, chunk, checkpoint, enrol, renew, answer } = SAMPLES;
const line = extend(GENESIS, beginLine({ reason: "genesis", identity: "hub-0", version: "1" }, 0)).line.toString();

/** By file and name: every exported function of the product whose name begins with `parse`, and a few besides. A test holds the list to the source. */
export const PARSERS: Readonly<Record<string, Fuzzed>> = {
  "shared/src/wire/assignment.ts parseAssignment": bytes(SAMPLES.assignment, wire.parseAssignment),
  "shared/src/wire/head.ts parseHead": bytes(SAMPLES.head, wire.parseHead),
  "shared/src/wire/heartbeat.ts parseHeartbeat": bytes(SAMPLES.heartbeat, wire.parseHeartbeat),
  "shared/src/wire/result.ts parseResultBatch": bytes(SAMPLES.results, wire.parseResultBatch),
  "shared/src/wire/cloud-event.ts parseEvent": json(SAMPLES.head, (value) => wire.parseHead(bytesOf(value))),
  "shared/src/wire/checkpoint.ts parseCheckpointManifest": bytes(manifest, wire.parseCheckpointManifest),
  "shared/src/wire/checkpoint.ts parseCheckpoint": bytes(chunk, (input) => wire.parseCheckpoint(checkpoint(input), [input])),
  "shared/src/wire/enrolment.ts parseEnrolRequest": bytes(enrol, (input) => wire.parseEnrolRequest("eu-1", input)),
  "shared/src/wire/enrolment.ts parseRenewRequest": bytes(renew, (input) => wire.parseRenewRequest("eu-1", input)),
  "shared/src/wire/enrolment.ts parseIdentityAnswer": bytes(answer, (input) => wire.parseIdentityAnswer("eu-1", input)),
  "shared/src/wire/subjects.ts parseAssignmentSubject": text("$KV.assign.eu-1.head", wire.parseAssignmentSubject),
  "shared/src/wire/subjects.ts parseResultSubject": text("results.p3.eu-1", wire.parseResultSubject),
  "shared/src/wire/subjects.ts parseHeartbeatSubject": text("hb.eu-1", wire.parseHeartbeatSubject),
  "shared/src/wire/subjects.ts parseIdentitySubject": text("enrol.eu-1", wire.parseIdentitySubject),
  "shared/src/api/parse.ts parseHTTPMonitor": json(SAMPLES.monitor, parseHTTPMonitor),
  "shared/src/api/parse.ts parseClusterRegistration": json(SAMPLES.registration, parseClusterRegistration),
  "shared/src/api/parse.ts parseMonitorPolicy": json(SAMPLES.policy, parseMonitorPolicy),
  "shared/src/api/parse.ts parseNamespace": json(SAMPLES.namespace, parseNamespace),
  "shared/src/api/parse.ts parseMetadata": json(SAMPLES.namespace, (value) => parseMetadata(value, "Namespace")),
  "shared/src/identity/join-token.ts parseJoinToken": text(token, parseJoinToken),
  "shared/src/identity/jwt.ts readClaims": text(jwt, readClaims),
  "shared/src/identity/jwt.ts verifiedClaims": text(jwt, (input) => verifiedClaims(input, agent.key.publicKey)),
  "shared/src/telemetry/trace-context.ts parseTraceparent": text(formatTraceparent(newTrace(true)), parseTraceparent),
  "shared/src/duration.ts parseDuration": text("1h30m", parseDuration),
  "hub/src/admission/decode.ts decodeReview": json(review("HTTPMonitor", SAMPLES.monitor), decodeReview),
  "hub/src/audit/chain.ts parseLine": text(line, (input) => parseLine(Buffer.from(input))),
  "hub/src/audit/verify.ts verify": text(`${line}\n`, (input) => verify([{ name: "f", read: () => Buffer.from(input) }])),
  "hub/src/doctor/version.ts parseVersion": text("v1.37.2", parseVersion),
  "hub/src/placement/taints.ts parseTolerations": text("maintenance,edge=true", parseTolerations, AnnotationProblem),
  "hub/src/placement/placement.ts parsePlacement": json(SAMPLES.placement, (value) => parsePlacement(textsOf(value))),
  "hub/src/placement/label-selector.ts parseSelector": text("tier=edge,env in (prod,staging),!old", parseSelector, SelectorError),
  "hub/src/results/results-config-map.ts parseSeenResults": json(SAMPLES.configMap, parseSeenResults),
  "hub/src/kube/config-maps.ts parseConfigMap": json(SAMPLES.configMap, parseConfigMap),
  "hub/src/kube/consistency.ts parseConsistencyLevel": text("strong", parseConsistencyLevel),
  "hub/src/kube/leases.ts parseLease": json(SAMPLES.lease, parseLease),
  "hub/src/kube/resources.ts parseKey": text("shop/front", parseKey),
  "hub/src/security/authorship/record-schema.ts readRecord": text(JSON.stringify(SAMPLES.record), readRecord),
  "agent/src/identity/stored-identity.ts parseIdentity": text(JSON.stringify(identity), (input) => parseIdentity(input, "the file")),
  "agent/src/probe/egress/address.ts parseAddress": text("2001:db8::10.0.0.1%eth0", parseAddress),
  "agent/src/probe/egress/host-pattern.ts parseHostPattern": text("*.shop.example.com", parseHostPattern),
  "agent/src/probe/egress/range.ts parseRange": text("10.0.0.0/8", parseRange),
};

/** Annotations are texts: the API server stores no others. */
function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, typeof item === "string" ? item : (JSON.stringify(item) ?? "")]));
}
