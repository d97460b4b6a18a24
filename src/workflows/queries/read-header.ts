import { GraphwrightError } from '../../errors.ts';
import { suggest } from '../../nearest.ts';
import { parseDeclaration } from './argument-declaration.ts';
import type { Declaration, Report } from './template.ts';

/** What the comments at the top of a query file say. */
export interface Header {
  name?: string;
  description: string;
  declarations: Declaration[];
  /** The line of the first words of the query, from 1. */
  queryLine: number;
}

interface Entry {
  tag: string;
  text: string;
  line: number;
}

const tags = ['name', 'argument'];

/** Reads the comments before the first line of the query: a description, then `@name` and `@argument`. */
export function readHeader(text: string, report: Report): Header {
  const { entries, queryLine } = entriesOf(text);
  const header: Header = { description: '', declarations: [], queryLine };
  for (const { tag, text: words, line } of entries) {
    if (tag === '') header.description = words;
    else if (tag === 'name') header.name = words;
    else if (tag === 'argument') declare(header, words, line, report);
    else report(line, `There is no @${tag}; ${suggest(tag, tags)}`);
  }
  if (!header.description) report(1, 'The first comment must say what the query answers');
  return header;
}

/** The tags with their texts, which may go on in the comments below them. */
function entriesOf(text: string): { entries: Entry[]; queryLine: number } {
  const entries: Entry[] = [{ tag: '', text: '', line: 1 }];
  const lines = text.split(/\r\n?|\n/);
  const end = lines.findIndex((line) => !/^\s*(#|$)/.test(line));
  const queryLine = end < 0 ? lines.length : end + 1;
  for (const [index, line] of lines.slice(0, queryLine - 1).entries()) {
    const words = line.replace(/^\s*#+/, '').trim();
    const [, tag, rest = ''] = /^@(\w+)\s*(.*)$/.exec(words) ?? [];
    if (tag !== undefined) entries.push({ tag, text: rest, line: index + 1 });
    else entries.at(-1)!.text = `${entries.at(-1)!.text} ${words}`.trim();
  }
  return { entries, queryLine };
}

function declare({ declarations }: Header, words: string, line: number, report: Report): void {
  const [name = 'argument'] = /^[A-Za-z]\w*/.exec(words) ?? [];
  try {
    const argument = parseDeclaration(words);
    const isTwice = declarations.some((known) => known.argument.name === name);
    if (isTwice) report(line, `${name}: It is declared twice`);
    else declarations.push({ argument, line });
  } catch (thrown) {
    report(line, `${name}: ${GraphwrightError.from(thrown).message}`);
  }
}
