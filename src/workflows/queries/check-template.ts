import type { Query, SelectQuery } from 'sparqljs';
import { suggest } from '../../nearest.ts';
import { factory } from '../../ontology/terms.ts';
import { datatypes, type Argument } from './argument.ts';
import { bind } from './bind.ts';
import { leaveOut } from './leave-out.ts';
import { mentions, placeholders, variablesIn } from './mentions.ts';
import { misuseOf } from './misuse.ts';
import { parseQuery, queryTextOf } from './query-syntax.ts';
import type { Declaration, Report } from './template.ts';

/** Checks that a query can be asked with every set of arguments that its declarations allow. */
export function checkTemplate(
  query: Query,
  declarations: readonly Declaration[],
  { queryLine, report }: { queryLine: number; report: Report },
): void {
  let isSound = true;
  const complain: Report = (line, detail) => {
    isSound = false;
    report(line, detail);
  };
  if (query.queryType === 'SELECT') checkColumns(query, (detail) => complain(queryLine, detail));
  for (const { argument, line } of declarations) {
    const detail = mistakeIn(query, argument);
    if (detail !== undefined) complain(line, `${argument.name}: ?${argument.name} ${detail}`);
  }
  if (!isSound || declarations.length === 0) return;
  try {
    parseQuery(queryTextOf(bind(query, samples(declarations))));
  } catch (thrown) {
    report(queryLine, `With arguments in it, the query is not valid: ${(thrown as Error).message}`);
  }
}

function checkColumns({ variables }: SelectQuery, complain: (detail: string) => void): void {
  for (const column of variables) {
    if ('termType' in column && column.termType === 'Wildcard') {
      complain('SELECT * does not say what the columns of the result are; name them');
      continue;
    }
    const { value } = 'variable' in column ? column.variable : column;
    if (!/^[A-Za-z]\w*$/.test(value) || value in {})
      complain(`A column cannot be called ?${value}; begin its name with a letter`);
  }
}

function mistakeIn(query: Query, argument: Argument): string | undefined {
  const { name, isOptional } = argument;
  const variables = variablesIn(query);
  if (!variables.has(name)) return `is not in the query; ${suggest(name, [...variables])}`;
  if (placeholders(query).has(name)) return undefined;
  const misuse = misuseOf(query, argument);
  if (misuse !== undefined || !isOptional) return misuse;
  const left = leaveOut(query, new Set([name]));
  return left && !mentions(left, new Set([name]))
    ? undefined
    : `may be left out, so it must stand in a FILTER or within braces of its own, which go with it`;
}

/** A term for each argument; two for a list. */
function samples(declarations: readonly Declaration[]) {
  return new Map(
    declarations.map(({ argument }) => {
      const { name, type, isList, beginning = 'urn:' } = argument;
      const datatype = datatypes[type];
      const term = datatype ? factory.literal('1', datatype) : factory.namedNode(`${beginning}x`);
      return [name, isList ? [term, term] : [term]];
    }),
  );
}
