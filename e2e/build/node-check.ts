/** The oldest Node that runs the programs: package.json says so too. */
export const OLDEST_NODE = 24;

/** The first statement of a bundle: an older Node would end somewhere in the midst of it, with a dump of its text. */
export function nodeCheck(program: string): string {
  const sentence = `${program} needs Node ${OLDEST_NODE} or newer; this is `;
  return `if (Number.parseInt(process.versions.node, 10) < ${OLDEST_NODE}) { console.error(${JSON.stringify(sentence)} + process.versions.node + "."); process.exit(1); }`;
}
