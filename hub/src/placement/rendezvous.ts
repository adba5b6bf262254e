/** What a choice among more clusters than wanted is made from. */
export interface Candidate {
  cluster: string;
  /** What the choice is spread over; all candidates have the same when it is not. */
  group: string;
}

/**
 * Chooses at most `max` candidates for a subject. Rendezvous hashing (Thaler and Ravishankar, 1998): each pair of subject
 * and cluster has a score of its own, and the highest win; so nobody's place depends on who else is there. Groups take
 * turns: first the best of each group, then the second best of each, so that the counts of two groups differ by at most
 * one unless a group has no more. One more candidate can only push one out to come in itself; one less lets one in at most.
 */
export function chooseSpread(subject: string, candidates: readonly Candidate[], max: number): Set<string> {
  if (candidates.length <= max) return new Set(candidates.map(({ cluster }) => cluster));
  const ranked = Map.groupBy(scored(subject, candidates), ({ group }) => group);
  const turns = [...ranked.values()].flatMap((group) => group.toSorted(byScore).map((candidate, turn) => ({ ...candidate, turn })));
  return new Set(turns.toSorted((a, b) => a.turn - b.turn || byScore(a, b)).slice(0, max).map(({ cluster }) => cluster));
}

interface Scored extends Candidate {
  score: number;
}

function scored(subject: string, candidates: readonly Candidate[]): Scored[] {
  const seed = fnv1a(`${subject} `, FNV_OFFSET);
  return candidates.map((candidate) => ({ ...candidate, score: mixed(fnv1a(candidate.cluster, seed)) }));
}

/** Two equal scores are rare, and then the name decides: the order never depends on the order of the input. */
function byScore(a: Scored, b: Scored): number {
  return b.score - a.score || (a.cluster < b.cluster ? -1 : 1);
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a, 32 bits (Fowler, Noll, Vo), over UTF-16 units: names are ASCII. Nobody gains by a collision, and SHA-256 costs far more. */
function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return hash;
}

/** The finalizer of MurmurHash3 (Appleby), without which names that differ in the last letter would score alike. */
function mixed(hash: number): number {
  const first = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return (second ^ (second >>> 16)) >>> 0;
}
