import type { Query } from 'sparqljs';
import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { readableStore } from '../../ontology/rights/current-rights.ts';
import { sparqlText } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { Workflow, type Run } from '../workflow.ts';
import { argumentSchema, termsOf } from './argument.ts';
import { bind, type BoundTerm } from './bind.ts';
import { jsonRow } from './json-value.ts';
import { leaveOut } from './leave-out.ts';
import { placeholders } from './mentions.ts';
import { queryTextOf } from './query-syntax.ts';
import { resultOf } from './result.ts';
import type { QueryTemplate } from './template.ts';
import { turtleAnswer } from './turtle-answer.ts';

/** What a query template is asked of. */
export interface QueryWorkflowConfiguration {
  store: OntologyStore;
  template: QueryTemplate;
  /** Milliseconds; the store's own limit by default. */
  timeout?: number;
}

const mostRows = 1_000;

const limit = z.number().int().min(1).max(mostRows).default(100).describe('How many rows at most');

/**
 * A query template as an operation: its arguments are the parameters, what it selects is the result. An
 * argument reaches the query as a term, never as text. It reads what its caller may read.
 */
export class QueryWorkflow extends Workflow<QueryWorkflowConfiguration> {
  readonly name = this.configuration.template.name;
  readonly description = this.configuration.template.description;
  readonly parameters = parametersOf(this.configuration.template);
  readonly result = resultOf(this.configuration.template.query);
  override readonly hints = { readOnly: true, idempotent: true };

  async run(parameters: Record<string, unknown>, { signal }: Run): Promise<unknown> {
    const { timeout } = this.configuration;
    const store = readableStore(this.configuration.store);
    const query = queryOf(this.configuration.template, parameters);
    const options = { signal, timeout };
    if (query.queryType === 'ASK') return store.ask(textOf(query), options);
    if (query.queryType !== 'SELECT') return turtleAnswer(store, textOf(query), options);
    const wanted = parameters['limit'] as number;
    const stopped = { ...query, limit: Math.min(query.limit ?? Infinity, wanted + 1) };
    const found = await store.select(textOf(stopped), options);
    return { rows: found.slice(0, wanted).map(jsonRow), truncated: found.length > wanted };
  }
}

function parametersOf({ query, arguments: given }: QueryTemplate): z.ZodObject {
  const shape = Object.fromEntries(
    given.map((argument) => [argument.name, argumentSchema(argument)]),
  );
  return z.object(query.queryType === 'SELECT' ? { ...shape, limit } : shape);
}

/** The query with the arguments in it, and without what mentions those that are absent. */
export function queryOf(
  { query, arguments: declared }: QueryTemplate,
  parameters: Readonly<Record<string, unknown>>,
): Query {
  const given = declared.filter(({ name }) => parameters[name] !== undefined);
  const terms = new Map(
    given.map((argument): [string, BoundTerm[]] => [
      argument.name,
      termsOf(argument, parameters[argument.name]) as BoundTerm[],
    ]),
  );
  const apart = placeholders(query);
  const absent = declared.filter(({ name }) => !terms.has(name) && !apart.has(name));
  // What may be left out was checked when the template was read.
  const left = leaveOut(query, new Set(absent.map(({ name }) => name))) ?? query;
  return bind(left, terms);
}

const longest = 60 * 1024;

function textOf(query: Query) {
  const text = queryTextOf(query);
  if (text.length <= longest) return sparqlText(text);
  const detail = 'The arguments are too long together; give shorter lists';
  throw new GraphwrightError('invalid_parameters', detail, {
    problems: [{ pointer: '', detail }],
  });
}
