import type { Expression, Query, Variable } from 'sparqljs';
import { z } from 'zod';

/** A term as JSON has it: numbers and booleans as such; IRIs, dates and all else as text. */
export const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** What a query gives, inferred from what it selects: rows, yes or no, or Turtle. */
export function resultOf(query: Query): z.ZodType {
  if (query.queryType === 'ASK') return z.boolean();
  if (query.queryType !== 'SELECT')
    return z.object({
      statements: z.number().int().describe('How many there are'),
      turtle: z.string().describe('The statements'),
    });
  const columns = query.variables.map((column) => [nameOf(column), columnSchema(column)]);
  return z.object({
    rows: z.array(z.object(Object.fromEntries(columns) as Record<string, z.ZodType>)),
    truncated: z.boolean().describe('Whether there are more rows than the limit'),
  });
}

type Column = Variable | { termType: 'Wildcard'; value: string };

const nameOf = (column: Column) => ('variable' in column ? column.variable : column).value;

/** What has no value in a row is not there; a count always has one. */
function columnSchema(column: Column): z.ZodType {
  const type = 'variable' in column ? typeOf(column.expression) : Scalar;
  return 'variable' in column && isCount(column.expression) ? type : type.optional();
}

const isCount = (expression: Expression) =>
  'aggregation' in expression && expression.aggregation.toLowerCase() === 'count';

const texts = new Set(
  'str concat lcase ucase substr replace strafter strbefore encode_for_uri lang struuid md5 sha1 sha256 sha384 sha512'.split(
    ' ',
  ),
);
const truths = new Set(
  '= != < > <= >= && || ! in notin exists notexists bound contains strstarts strends regex langmatches sameterm isiri isuri isblank isliteral isnumeric'.split(
    ' ',
  ),
);
const wholes = new Set('strlen year month day hours minutes'.split(' '));

/** Only what the expression itself settles: what data there is, no query tells. */
function typeOf(expression: Expression): z.ZodType {
  if (isCount(expression)) return z.number().int();
  if ('aggregation' in expression)
    return expression.aggregation.toLowerCase() === 'group_concat' ? z.string() : Scalar;
  if (!('operator' in expression)) return Scalar;
  const operator = expression.operator.toLowerCase();
  if (texts.has(operator)) return z.string();
  if (truths.has(operator)) return z.boolean();
  return wholes.has(operator) ? z.number().int() : Scalar;
}
