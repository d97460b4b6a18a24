import { GraphwrightError } from '../../errors.ts';
import type { Sparql } from '../../ontology/sparql.ts';
import type { OntologyStore, QueryOptions } from '../../ontology/store.ts';
import { parseTurtle } from '../../ontology/turtle.ts';
import { turtleOf } from '../expose/mcp/turtle-of.ts';

const formats = { results: 'application/sparql-results+json', quads: 'application/n-triples' };

/**
 * The answer of a CONSTRUCT or a DESCRIBE as Turtle.
 * @param most Statements; more are refused with `too_large`, as nobody would see that a part is missing.
 */
export async function turtleAnswer(
  store: OntologyStore,
  query: Sparql,
  options: QueryOptions,
  most = 10_000,
): Promise<{ statements: number; turtle: string }> {
  const limits = { rows: most, bytes: 400 * most };
  const { body } = await store.query(query, formats, { ...options, limits });
  const found = parseTurtle(new TextDecoder().decode(body), 'the answer');
  if (found.length <= most) return { statements: found.length, turtle: await turtleOf(found) };
  throw new GraphwrightError(
    'too_large',
    `The answer has ${found.length} statements, more than ${most}; ask for less`,
  );
}
