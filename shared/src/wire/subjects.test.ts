import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  agentPermissions,
  assignmentSubject,
  clusterAssignmentSubjects,
  enrolSubject,
  headSubject,
  heartbeatSubject,
  isClusterId,
  joinPermissions,
  parseAssignmentSubject,
  parseHeartbeatSubject,
  parseIdentitySubject,
  parseResultSubject,
  PARTITIONS,
  partitionOf,
  renewSubject,
  restingPermissions,
  resultSubject,
} from "./subjects.ts";
import { WireError } from "./errors.ts";

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const uid = fc.uuid();

describe("subjects", () => {
  it("are parsed back to what they were built from", () => {
    fc.assert(
      fc.property(label, uid, fc.nat(PARTITIONS - 1), (cluster, id, partition) => {
        expect(parseAssignmentSubject(assignmentSubject(cluster, id))).toEqual({ kind: "assignment", cluster, uid: id });
        expect(parseAssignmentSubject(headSubject(cluster))).toEqual({ kind: "head", cluster });
        expect(parseResultSubject(resultSubject(partition, cluster))).toEqual({ partition, cluster });
        expect(parseHeartbeatSubject(heartbeatSubject(cluster))).toEqual({ cluster });
        expect(parseIdentitySubject(enrolSubject(cluster))).toEqual({ verb: "enrol", cluster });
        expect(parseIdentitySubject(renewSubject(cluster))).toEqual({ verb: "renew", cluster });
      }),
    );
  });

  it.each(["", "a.b", "*", ">", "a*", "eu 1", "EU-1", "-eu", "eu-", "x".repeat(64), "eu\n", "é"])("refuse the cluster ID %j", (cluster) => {
    expect(isClusterId(cluster)).toBe(false);
    for (const build of [headSubject, heartbeatSubject, clusterAssignmentSubjects, agentPermissions, joinPermissions, restingPermissions]) {
      expect(() => build(cluster)).toThrow(WireError);
    }
  });

  it("never parse a foreign text into a key", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const key = parseAssignmentSubject(text);
        if (key?.kind === "head") expect(headSubject(key.cluster)).toBe(text);
        if (key?.kind === "assignment") expect(assignmentSubject(key.cluster, key.uid)).toBe(text);
      }),
    );
  });

  it("give one cluster no subject of another", () => {
    fc.assert(
      fc.property(label, label, (a, b) => {
        fc.pre(a !== b);
        const own = [agentPermissions(a), joinPermissions(a), restingPermissions(a)].flatMap(({ publish, subscribe }) => [...publish, ...subscribe]);
        const inboxes = [agentPermissions(b), joinPermissions(b)].flatMap(({ subscribe }) => subscribe.map((inbox) => inbox.replace(">", "x")));
        const foreign = [headSubject(b), heartbeatSubject(b), enrolSubject(b), renewSubject(b), ...inboxes, ...Array.from({ length: PARTITIONS }, (_, p) => resultSubject(p, b))];
        for (const subject of foreign) expect(own.some((pattern) => matches(pattern, subject))).toBe(false);
      }),
    );
  });

  it("spread monitors over all partitions", () => {
    const used = new Set(fc.sample(uid, 2000).map(partitionOf));
    expect(used.size).toBe(PARTITIONS);
  });
});

/** NATS subject matching: `*` is one token, `>` the rest. */
function matches(pattern: string, subject: string): boolean {
  const [want, have] = [pattern.split("."), subject.split(".")];
  for (const [index, token] of want.entries()) {
    if (token === ">") return have.length > index;
    if (token !== "*" && token !== have[index]) return false;
  }
  return want.length === have.length;
}
