/** How long a text may be that is matched against a form's pattern. */
export const longestMatched = 500;

/**
 * What speaks against a regular expression that texts of strangers are matched with; undefined when nothing does.
 * Refused is what can take a time that grows out of all proportion (CWE-1333): a repeated group with repetitions
 * or alternatives in it, a reference back, a look around, and more than two repetitions without an end.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > 200) return 'the pattern has more than 200 characters';
  const mistake = syntaxMistake(pattern);
  if (mistake !== undefined) return `the pattern is no regular expression: ${mistake}`;
  // Escaped characters and classes repeat nothing; with them out of the way the rest is read plainly.
  const bare = pattern.replaceAll(/\\[pP]\{[^}]*\}/g, 'x');
  if (/\\[1-9k]/.test(bare)) return 'the pattern refers back to a group, which may run for long';
  const plain = bare.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
  if (/\(\?<?[=!]/.test(plain)) return 'the pattern looks around, which may run for long';
  if (repeatsRepetition(plain))
    return 'the pattern repeats a group that has repetitions or alternatives in it, which may run for long';
  if ((plain.match(/[*+]|\{\d+,\}/g) ?? []).length > 2)
    return 'the pattern has more than two repetitions without an end; give them one: {0,20}';
  return undefined;
}

/** Whether the whole text matches. */
export const matchesWhole = (pattern: string, text: string): boolean =>
  text.length <= longestMatched && new RegExp(`^(?:${pattern})$`, 'u').test(text);

function syntaxMistake(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u').test('');
    return undefined;
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

function repeatsRepetition(plain: string): boolean {
  const groups: { varies: boolean }[] = [];
  let left: { varies: boolean } | undefined;
  for (const [index, char] of [...plain].entries()) {
    if (char === '(') groups.push({ varies: false });
    else if (char === ')') left = groups.pop();
    // The `?` of `(?:` repeats nothing.
    else if ('*+{|?'.includes(char) && plain[index - 1] !== '(') {
      if (left?.varies && plain[index - 1] === ')' && char !== '|' && char !== '?') return true;
      for (const group of groups) group.varies = true;
    }
  }
  return false;
}
