/** Why an annotation cannot be read: what is wrong, and what would be right. */
export class AnnotationProblem extends Error {
  override readonly name = "AnnotationProblem";
}

/**
 * The parts between commas. An empty part is a slip, and an empty text would silently mean "nowhere" or "everywhere".
 * @throws AnnotationProblem
 */
export function items(text: string, example: string): string[] {
  const parts = text.split(",").map((part) => part.trim());
  const empty = parts.indexOf("");
  if (parts.length === 1 && empty === 0) throw new AnnotationProblem(`it is empty: give names such as ${example}, or remove the annotation`);
  if (empty >= 0) throw new AnnotationProblem(`its item ${empty + 1} is empty: give names separated by single commas, such as ${example}`);
  return parts;
}
