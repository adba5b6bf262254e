/**
 * Passes changes on only when a fingerprint of the object changed: our own status writes come back through the watch,
 * and must not make work for the one who wrote them.
 */
export function whenChanged<T>(fingerprint: (object: T) => string, listener: (key: string) => void): (key: string, object: T | undefined) => void {
  const known = new Map<string, string>();
  return (key, object) => {
    const now = object === undefined ? undefined : fingerprint(object);
    if (now !== undefined && known.get(key) === now) return;
    if (now === undefined) known.delete(key);
    else known.set(key, now);
    listener(key);
  };
}
