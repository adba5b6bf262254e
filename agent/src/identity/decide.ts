/** What an agent has of an identity. Times by the monotonic clock, in milliseconds: its wall clock may be wrong. */
export interface IdentityView {
  /** Public key of the join token that lies there; undefined: there is none that can be read. */
  token: string | undefined;
  /** That of the token by which the agent enrolled; undefined: it has not. */
  enrolledBy: string | undefined;
  /** A token that the hub refused, and when it may be tried again. */
  refusedToken: { key: string; againAt: number } | undefined;
  hasResting: boolean;
  /** The working credentials: when they were received, and for how long they were made. */
  working: { receivedAt: number; lifeMs: number } | undefined;
  /** Since when there is no connection to NATS; undefined: there is one. */
  disconnectedSince: number | undefined;
  /** When the hub was asked last, and how many times in a row it gave no answer. */
  askedAt: number | undefined;
  unanswered: number;
  /** Whether its last answer was a refusal. */
  refused: boolean;
  /** Whether the hub has said that the agent may not work, and nothing else since. */
  shutOut: boolean;
  now: number;
  /** 0 to 1: agents that started together must not ask together. */
  random: number;
}

export type IdentityStep = { act: "enrol" } | { act: "ask" } | { act: "wait"; ms: number };

/** A file of a token that is mended, or exchanged, is noticed within this. */
const LOOK_MS = 5000;
/** How often an agent asks that waits to be accepted, or that NATS refuses: on the average. */
const ASK_MS = 10_000;
const REFUSED_ASK_MS = 60_000;
/** Without an answer: soon, and less and less often. A token does not live long, and somebody waits for it. */
const RETRY_MS = 500;
const MAX_ENROL_MS = 4000;
const MAX_ASK_MS = 120_000;
/** A connection that was just lost is most often back at once. */
const LOST_MS = 3000;
const RENEW_AT = 0.5;
const JITTER = 0.2;

/** What to do next. Pure. */
export function decideStep(view: IdentityView): IdentityStep {
  const { token, enrolledBy, refusedToken, now } = view;
  if (token !== undefined && token !== enrolledBy) {
    if (refusedToken?.key !== token || now >= refusedToken.againAt) return enrolStep(view);
    if (!view.hasResting) return wait(refusedToken.againAt - now);
  }
  return view.hasResting ? askStep(view) : wait(LOOK_MS);
}

function enrolStep({ askedAt, unanswered, now, random }: IdentityView): IdentityStep {
  const dueAt = unanswered === 0 ? now : (askedAt ?? now) + spread(Math.min(RETRY_MS * 2 ** (unanswered - 1), MAX_ENROL_MS), random);
  return now >= dueAt ? { act: "enrol" } : wait(dueAt - now);
}

function askStep(view: IdentityView): IdentityStep {
  const { now, askedAt = -Infinity } = view;
  const due = Math.max(askedAt + gap(view), wantedAt(view));
  return now >= due ? { act: "ask" } : wait(due - now);
}

/** From when on there is a reason to ask: now, where nothing works or may; at half their life, where credentials do. */
function wantedAt({ working, shutOut, disconnectedSince, random }: IdentityView): number {
  if (working === undefined || shutOut) return -Infinity;
  const renewAt = working.receivedAt + working.lifeMs * RENEW_AT * (1 + JITTER * (random - 0.5));
  return disconnectedSince === undefined ? renewAt : Math.min(renewAt, disconnectedSince + LOST_MS);
}

/** How long to leave between two questions. Credentials that live shorter than that are asked for more often. */
function gap({ working, unanswered, refused, random }: IdentityView): number {
  const answered = refused ? REFUSED_ASK_MS : ASK_MS;
  const usual = unanswered === 0 ? answered : RETRY_MS * 2 ** (unanswered - 1);
  const most = working === undefined || refused ? MAX_ASK_MS : Math.min(MAX_ASK_MS, working.lifeMs / 8);
  return spread(Math.min(usual, most), random);
}

function spread(ms: number, random: number): number {
  return ms * (1 + JITTER * (random - 0.5));
}

function wait(ms: number): IdentityStep {
  return { act: "wait", ms: Math.min(Math.max(ms, 1), LOOK_MS) };
}
