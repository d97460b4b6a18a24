/** A text of at most so many characters; what was cut is told by its length. */
export function shortText(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a surrogate pair is no text.
  const beginning = text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
  return `${beginning}… (${text.length} characters)`;
}
