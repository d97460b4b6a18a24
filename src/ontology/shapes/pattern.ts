/**
 * A regular expression of SPARQL's REGEX as one of JavaScript. They differ in little that shapes use;
 * of XML Schema's own escapes, `\i` and `\c` are translated.
 * @throws SyntaxError for what is not a regular expression.
 */
export function toRegExp(pattern: string, flags: string): RegExp {
  const unknown = /[^smixq]/.exec(flags);
  if (unknown) throw new SyntaxError(`unknown flag ${unknown[0]}; there are s, m, i, x and q`);
  const literal = flags.includes('q');
  const spaced = !literal && flags.includes('x');
  const source = literal
    ? pattern.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
    : translated(spaced ? pattern.replaceAll(/\s+/g, '') : pattern);
  return new RegExp(source, `u${flags.replaceAll(/[xq]/g, '')}`);
}

const nameStart = String.raw`\p{L}_:`;
const names: Readonly<Record<string, string>> = {
  i: nameStart,
  c: String.raw`${nameStart}\p{N}\p{M}.\-`,
};

function translated(pattern: string): string {
  let inClass = false;
  return pattern.replaceAll(/\\(.)|[[\]]|-/gsu, (whole, escaped?: string) => {
    if (whole === '[') inClass = true;
    if (whole === ']') inClass = false;
    const members = escaped === undefined ? undefined : names[escaped];
    if (members !== undefined) return inClass ? members : `[${members}]`;
    // JavaScript's u flag knows this escape inside a class only.
    if (whole === String.raw`\-` && !inClass) return '-';
    return whole;
  });
}
