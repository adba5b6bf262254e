import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { subjectMatches, subjectsAround, subjectTable } from "../testing/subject-table.ts";
import {
  agentConsumer,
  agentInboxPrefix,
  agentPermissions,
  assignmentSubject,
  checkpointSubject,
  clusterAssignmentSubjects,
  enrolSubject,
  headSubject,
  heartbeatSubject,
  importedServices,
  isClusterId,
  joinInboxPrefix,
  joinPermissions,
  parkedSubject,
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
import * as subjects from "./subjects.ts";
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

  it("spread monitors over all partitions", () => {
    const used = new Set(fc.sample(uid, 2000).map(partitionOf));
    expect(used.size).toBe(PARTITIONS);
  });
});

/** Two names of clusters that differ, most often by little: one begins with the other, or ends in a number as consumers do. */
const ending = fc.constantFrom("-0", "-1", "-10", "-0-1", "0", "1", "-agent", "-head", "-x");
const related = fc.tuple(label, ending).map(([name, more]) => [name, `${name.slice(0, 50)}${more}`] as const);
const pair = fc
  .oneof(fc.tuple(label, label), related, related.map(([a, b]) => [b, a] as const))
  .filter(([a, b]) => a !== b && isClusterId(a) && isClusterId(b));

/** All kinds of credentials that an agent of a cluster may ever have. */
function allPermissions(cluster: string, ordinal: number): string[] {
  return [agentPermissions(cluster, ordinal), joinPermissions(cluster), restingPermissions(cluster)].flatMap(({ publish, subscribe }) => [...publish, ...subscribe]);
}

describe("the credentials of one cluster", () => {
  it("reach nothing of another, in all that is built of its name", () => {
    fc.assert(
      fc.property(pair, fc.nat(20), ([a, b], ordinal) => {
        const own = allPermissions(a, ordinal);
        const reached = subjectsAround(b).filter((subject) => own.some((pattern) => subjectMatches(pattern, subject)));
        expect(reached).toEqual([]);
      }),
    );
  });

  it("name it in every subject, by a token of its own", () => {
    fc.assert(
      fc.property(label, fc.nat(20), (cluster, ordinal) => {
        const names = new Set([cluster, agentConsumer(cluster, ordinal), agentInboxPrefix(cluster), joinInboxPrefix(cluster)]);
        for (const pattern of allPermissions(cluster, ordinal)) expect(pattern.split(".").some((token) => names.has(token))).toBe(true);
      }),
    );
  });

  it("of one replica do not reach the consumer of another", () => {
    const other = subjectTable("eu-1").get("agentConsumer")?.filter((subject) => subject.includes("agent-eu-1-1.") || subject.endsWith("agent-eu-1-1")) ?? [];
    expect(other.length).toBeGreaterThan(10);
    expect(other.filter((subject) => allPermissions("eu-1", 0).some((pattern) => subjectMatches(pattern, subject)))).toEqual([]);
  });
});

describe("the services that agents' account imports", () => {
  it("overlap nowhere under their names there: one message would be two requests", () => {
    const locals = importedServices().map(({ local }) => local);
    const overlaps = locals.flatMap((one, index) => locals.slice(index + 1).filter((other) => subjectMatches(one, other) || subjectMatches(other, one)));
    expect(overlaps).toEqual([]);
  });

  it("cover all that agents may publish, and hold nothing that the hub alone writes", () => {
    const locals = importedServices().map(({ local }) => local);
    const published = [agentPermissions("eu-1"), joinPermissions("eu-1"), restingPermissions("eu-1")].flatMap(({ publish }) => publish);
    expect(published.filter((subject) => !locals.some((local) => subjectMatches(local, subject)))).toEqual([]);
    const hubs = [headSubject("eu-1"), assignmentSubject("eu-1", "3f6c8f0e-0d0a-4a0e-9d5e-0f4f4d3c2b1a"), checkpointSubject(3), parkedSubject("results")];
    expect(hubs.filter((subject) => locals.some((local) => subjectMatches(local, subject)))).toEqual([]);
  });
});

describe("the table of subjects", () => {
  it("knows every export of subjects.ts, and names the cluster or a whole in each row", () => {
    const table = subjectTable("eu-1");
    expect([...table.keys()].filter((name) => name !== "whole").toSorted()).toEqual(Object.keys(subjects).toSorted());
    expect(subjectsAround("eu-1").length).toBeGreaterThan(150);
  });
});
