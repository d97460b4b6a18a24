/** An element of an XML document: its name as it was written, and where its first tag begins. */
export interface XmlElement {
  name: string;
  at: number;
}

/**
 * The innermost element that nothing closes, of a document whose tags are well-formed and fit each other otherwise.
 * Oxigraph takes a document that ends within an element for a whole one.
 */
export function unclosedElement(text: string): XmlElement | undefined {
  const open: number[] = [];
  let end = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', end)) {
    end = markupEnd(text, at);
    if (text[at + 1] === '/') open.pop();
    else if (text[at + 1] !== '!' && text[at + 1] !== '?' && text[end - 2] !== '/') open.push(at);
  }
  const at = open.at(-1);
  if (at === undefined) return undefined;
  return { name: /[^\s/>]*/.exec(text.slice(at + 1, at + 201))![0], at };
}

/** What is closed by words of its own, whatever stands between; and what a parser calls it. */
const sections = [
  { begin: '<!--', end: '-->', called: 'comment' },
  { begin: '<![CDATA[', end: ']]>', called: 'CDATA' },
  { begin: '<?', end: '?>', called: 'instruction' },
];

/** Where the tag, comment or declaration ends that begins here. */
function markupEnd(text: string, at: number): number {
  const section = sections.find(({ begin }) => text.startsWith(begin, at));
  if (section) return after(text, section.end, at + section.begin.length);
  let depth = 0;
  for (let next = at + 1; next < text.length; next += 1) {
    const sign = text[next]!;
    if (sign === '"' || sign === "'") next = after(text, sign, next + 1) - 1;
    else if (sign === '>' && depth === 0) return next + 1;
    else if (sign === '>') depth -= 1;
    else if (sign === '<' && text.startsWith('!--', next + 1))
      next = after(text, '-->', next + 4) - 1;
    else if (sign === '<') depth += 1;
  }
  return text.length;
}

function after(text: string, words: string, from: number): number {
  const at = text.indexOf(words, from);
  return at < 0 ? text.length : at + words.length;
}

/**
 * Where the mistake is that a parser found.
 * @param end How much of the text it had read by then.
 * @param said What it said of the mistake, which often quotes it.
 */
export function placeOfMistake(text: string, end: number, said: string): number {
  const begin = tokenBegin(text, end, said);
  const token = text.slice(begin, end);
  for (const [, , quoted] of said.matchAll(/(['`])([^]+?)\1/g)) {
    const at = token.indexOf(quoted!);
    if (at >= 0) return begin + at + /^\s*/.exec(quoted!)![0].length;
  }
  return begin;
}

/** Where the tag or the text begins that was read last. */
function tokenBegin(text: string, end: number, said: string): number {
  const section = sections.find(({ called }) => said.includes(`${called} not closed`));
  if (section) return text.lastIndexOf(section.begin, end);
  if (text[end - 1] === '<') return text.lastIndexOf('>', end - 1) + 1;
  return Math.max(0, text.lastIndexOf('<', end - 1));
}
