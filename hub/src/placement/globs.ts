/** Cluster names, and globs over them. */

const GLOB = /^[a-z0-9*?]([-a-z0-9*?]*[a-z0-9*?])?$/;

/** Whether the text is a cluster name or a glob: `*` for any characters, `?` for one. */
export function isGlob(text: string): boolean {
  return text.length <= 63 && GLOB.test(text);
}

/** Whether a glob stands for one name only. */
export function isExactName(glob: string): boolean {
  return !/[*?]/.test(glob);
}

/**
 * Whether the name matches the whole glob. Linear in both lengths times each other at worst: no regular expression is
 * made from a tenant's text.
 */
export function matchesGlob(glob: string, name: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < name.length) {
    if (glob[at] === "*") {
      star = at++;
      resume = position;
    } else if (glob[at] === "?" || glob[at] === name[position]) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
}
