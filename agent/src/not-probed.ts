import { type Heartbeat, MAX_NOT_PROBED, type NotProbed, parseAssignmentSubject } from "@sightline/shared/wire";

/** What a heartbeat says of the checks that are not probed as they should be; nothing where there is none. */
export function notProbed({ overloaded, unreadable }: { overloaded: ReadonlySet<string>; unreadable: readonly { subject: string }[] }): Pick<Heartbeat, "notProbed"> {
  const unread = unreadable.flatMap(({ subject }) => uidOf(subject) ?? []);
  const total = overloaded.size + unread.length;
  if (total === 0) return {};
  const kept = unread.slice(0, MAX_NOT_PROBED);
  const room = MAX_NOT_PROBED - kept.length;
  const said: NotProbed = { overloaded: [...overloaded].slice(0, room), unreadable: kept, more: Math.max(0, total - MAX_NOT_PROBED) };
  return { notProbed: said };
}

function uidOf(subject: string): string | undefined {
  const key = parseAssignmentSubject(subject);
  return key?.kind === "assignment" ? key.uid : undefined;
}
