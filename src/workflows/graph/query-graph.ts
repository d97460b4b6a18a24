import type { Query } from 'sparqljs';
import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { withLimit } from '../../ontology/embedded/answer-limits.ts';
import { formOf } from '../../ontology/query-text.ts';
import { readableStore } from '../../ontology/rights/current-rights.ts';
import { sparqlText } from '../../ontology/sparql.ts';
import type { OntologyStore, Row } from '../../ontology/store.ts';
import { jsonValue } from '../queries/json-value.ts';
import { parseQuery } from '../queries/query-syntax.ts';
import { Scalar } from '../queries/result.ts';
import { turtleAnswer } from '../queries/turtle-answer.ts';
import { Workflow, type Run } from '../workflow.ts';
import { patience, type GraphToolConfiguration } from './graph-tool.ts';
import { graphTerms, type Looking } from './graph-terms.ts';
import { queryHints } from './query-hints.ts';
import { misreadQuery } from './misread-query.ts';
import { shortText } from './short-text.ts';

const Parameters = z.object({
  query: z
    .string()
    .trim()
    .min(1)
    .max(16_000)
    .describe(
      'SPARQL 1.1: SELECT, ASK, CONSTRUCT or DESCRIBE; gw: and other usual prefixes need no PREFIX',
    ),
  limit: z.number().int().min(1).max(1_000).default(100).describe('How many rows at most'),
});

const Result = z.object({
  columns: z.array(z.string()).optional().describe('Of a SELECT'),
  rows: z
    .array(z.array(Scalar.nullable()))
    .optional()
    .describe('In the order of the columns; long texts are cut'),
  truncated: z.boolean().optional().describe('Whether there are more rows than the limit'),
  answer: z.boolean().optional().describe('Of an ASK'),
  statements: z.number().int().optional(),
  turtle: z.string().optional().describe('Of a CONSTRUCT or a DESCRIBE'),
  hints: z.array(z.string()).optional().describe('What may be wrong with the query'),
});
type Result = z.input<typeof Result>;

/** Answers a SPARQL query that a model wrote, and tells it what to mend. */
export class QueryGraph extends Workflow<GraphToolConfiguration> {
  readonly name = 'query_graph';
  readonly description =
    'Ask the knowledge graph in SPARQL. It reads only; an update is refused. Patterns outside GRAPH match every graph but provenance. describe_ontology tells the classes and properties.';
  readonly parameters = Parameters;
  readonly result = Result;
  override readonly hints = { readOnly: true, idempotent: true };

  async run({ query, limit }: z.output<typeof Parameters>, { signal }: Run): Promise<Result> {
    // Before anything is asked: what is no query, or would choke a parser, is refused at once.
    const form = formOf(query);
    const store = readableStore(this.configuration.store);
    const options = { signal, timeout: this.configuration.timeout ?? patience };
    const looking = { terms: await graphTerms(store, options), options };
    const { parsed, misread } = read(query, looking);
    const text = withPrefixes(query, looking);
    try {
      const result = await answer(
        store,
        { form, text, limit, columns: columnsOf(parsed) },
        looking,
      );
      const hints = parsed
        ? await queryHints(store, { query: parsed, isEmpty: isEmpty(result) }, looking)
        : [];
      return hints.length > 0 ? { ...result, hints } : result;
    } catch (thrown) {
      throw misread && GraphwrightError.from(thrown).code === 'invalid_query'
        ? misread
        : advised(thrown);
    }
  }
}

/** Reads the query for what it names; the engine may understand what the parser does not. */
function read(query: string, { terms }: Looking): { parsed?: Query; misread?: GraphwrightError } {
  try {
    return { parsed: parseQuery(query, terms.prefixes.clear) };
  } catch (thrown) {
    return { misread: misreadQuery(thrown, terms) };
  }
}

/**
 * The query with the known prefixes that it seems to use, which its own declarations override; on its first
 * line, so that lines keep their numbers.
 */
function withPrefixes(query: string, { terms }: Looking): string {
  const used = Object.entries(terms.prefixes.clear).filter(([prefix]) =>
    query.includes(`${prefix}:`),
  );
  return used.map(([prefix, base]) => `PREFIX ${prefix}: <${base}> `).join('') + query;
}

interface Question {
  form: ReturnType<typeof formOf>;
  text: string;
  limit: number;
  /** Those that the query names; of SELECT * the rows tell. */
  columns: string[] | undefined;
}

function columnsOf(query: Query | undefined): string[] | undefined {
  if (query?.queryType !== 'SELECT') return undefined;
  const names = query.variables.map((column) =>
    'variable' in column ? column.variable.value : column.termType === 'Variable' && column.value,
  );
  return names.every((name) => typeof name === 'string') ? names : undefined;
}

async function answer(
  store: OntologyStore,
  { form, text, limit, columns: named }: Question,
  { options }: Looking,
): Promise<Result> {
  if (form === 'ASK') return { answer: await store.ask(sparqlText(text), options) };
  if (form !== 'SELECT') return turtleAnswer(store, sparqlText(text), options, 1_000);
  const found = await store.select(sparqlText(withLimit(text, limit + 1)), options);
  const shown = found.slice(0, limit);
  const columns = named ?? [...new Set(found.flatMap((row) => Object.keys(row)))];
  const rows = shown.map((row) => columns.map((name) => cell(row, name)));
  return { columns, rows, truncated: found.length > limit };
}

function cell(row: Row, name: string): z.output<typeof Scalar> | null {
  const term = row[name];
  const value = term ? jsonValue(term) : null;
  return typeof value === 'string' ? shortText(value, 1_000) : value;
}

/** Nothing, no, or a count of nothing. */
const isEmpty = ({ rows, answer: yes, statements }: Result): boolean =>
  yes === false ||
  statements === 0 ||
  (rows?.every((row) => row.every((value) => !value)) ?? false);

function advised(thrown: unknown): GraphwrightError {
  const error = GraphwrightError.from(thrown);
  if (error.code !== 'timeout') return error;
  const detail = `${error.message}; name more of what you look for, ask for fewer patterns at once, or add a LIMIT`;
  return new GraphwrightError('timeout', detail, { cause: thrown, retriable: false });
}
