import { basename } from 'node:path';
import type { Query } from 'sparqljs';
import { GraphwrightError } from '../../errors.ts';
import { checkTemplate } from './check-template.ts';
import { parseQuery } from './query-syntax.ts';
import { readHeader } from './read-header.ts';
import type { Declaration, Report, TemplateProblem, TemplateReading } from './template.ts';

/** What a template consists of, wherever it was described, with the lines for messages. */
export interface TemplateParts {
  name: string;
  description: string;
  declarations: readonly Declaration[];
  text: string;
  queryLine: number;
}

/** Reads a .rq file; its name is that of the workflow unless the file says `@name`. */
export function readTemplate(text: string, file: string): TemplateReading {
  const problems: TemplateProblem[] = [];
  const report: Report = (line, detail) => problems.push({ line, detail });
  const header = readHeader(text, report);
  const name = header.name ?? basename(file, '.rq').replaceAll('-', '_');
  return readParts({ ...header, name, text }, problems);
}

/** Makes a template of its parts; `problems` are those already found. */
export function readParts(
  { name, description, declarations, text, queryLine }: TemplateParts,
  problems: TemplateProblem[],
): TemplateReading {
  const report: Report = (line, detail) => problems.push({ line, detail });
  if (!/^[a-z][a-z\d]*(_[a-z\d]+)*$/.test(name) || name.length > 64)
    report(
      1,
      `A workflow is named in lower case, as list_open_tickets, not ${JSON.stringify(name)}`,
    );
  const query = parsed(text, queryLine, report);
  if (query) checkTemplate(query, declarations, { queryLine, report });
  if (!query || problems.length > 0) return { problems };
  const template = {
    name,
    description,
    query,
    arguments: declarations.map((each) => each.argument),
  };
  return { template, problems };
}

function parsed(text: string, queryLine: number, report: Report): Query | undefined {
  try {
    return parseQuery(text);
  } catch (thrown) {
    const { message } = GraphwrightError.from(thrown);
    const line = Number(/^Parse error on line (\d+)/.exec(message)?.[1] ?? queryLine);
    report(
      line,
      message.replace(/^Parse error on line \d+:\s*/, 'The query cannot be read from here: '),
    );
    return undefined;
  }
}
