import { Parser } from 'n3';
import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import type { Row } from '../store.ts';
import { factory, xsd, type Quad, type Term } from '../terms.ts';
import { fromServer } from './blank-nodes.ts';

const termSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('uri'), value: z.string() }),
  z.object({ type: z.literal('bnode'), value: z.string() }),
  z.object({
    // Virtuoso names literals with a datatype as the draft of 2007 did.
    type: z.enum(['literal', 'typed-literal']),
    value: z.string(),
    datatype: z.string().optional(),
    'xml:lang': z.string().optional(),
  }),
]);

/** SPARQL 1.1 Query Results JSON Format. */
const resultsSchema = z.object({
  boolean: z.boolean().optional(),
  results: z.object({ bindings: z.array(z.record(z.string(), termSchema)) }).optional(),
});

/**
 * The answer to a SELECT, as terms.
 * @throws GraphwrightError `integration_failed` when it is none.
 */
export function rows(body: Uint8Array): Row[] {
  const { results } = parseResults(body);
  if (!results) throw unreadable('no results');
  return results.bindings.map((binding) =>
    Object.fromEntries(
      Object.entries(binding).map(([name, value]) => [name, fromServer(term(value))]),
    ),
  );
}

/** The answer to an ASK; Virtuoso gives it as a row with one number, or as no row. */
export function boolean(body: Uint8Array): boolean {
  const parsed = parseResults(body);
  if (parsed.boolean !== undefined) return parsed.boolean;
  if (!parsed.results) throw unreadable('no boolean');
  const [row] = parsed.results.bindings;
  return row !== undefined && Object.values(row).some(({ value }) => value === '1');
}

/** The answer to a CONSTRUCT or DESCRIBE, as N-Triples or Turtle. */
export function quads(body: Uint8Array, mediaType: string): Quad[] {
  try {
    const format = mediaType.includes('n-triples') ? 'N-Triples' : 'Turtle';
    const parsed = new Parser({ format, blankNodePrefix: '' }).parse(decode(body));
    return parsed.map(({ subject, predicate, object }) =>
      factory.quad(fromServer(subject), predicate, fromServer(object)),
    );
  } catch (cause) {
    throw unreadable(`no ${mediaType}`, cause);
  }
}

const decode = (body: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(body);

function parseResults(body: Uint8Array): z.output<typeof resultsSchema> {
  try {
    return resultsSchema.parse(JSON.parse(decode(body)));
  } catch (cause) {
    throw unreadable('no SPARQL results in JSON', cause);
  }
}

function term(json: z.output<typeof termSchema>): Term {
  if (json.type === 'uri') return factory.namedNode(json.value);
  if (json.type === 'bnode') return factory.blankNode(json.value);
  const { value, datatype, 'xml:lang': language } = json;
  if (language) return factory.literal(value, language);
  const type = datatype ? factory.namedNode(datatype) : xsd('string');
  // Virtuoso keeps booleans as numbers.
  if (type.equals(xsd('boolean')) && /^[01]$/.test(value))
    return factory.literal(value === '1' ? 'true' : 'false', type);
  return factory.literal(value, type);
}

const unreadable = (what: string, cause?: unknown) =>
  new GraphwrightError('integration_failed', `The remote store answered with ${what}`, {
    retriable: false,
    cause,
  });
