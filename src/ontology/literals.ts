import { z } from 'zod';
import { GraphwrightError } from '../errors.ts';
import { factory, xsd, type Literal, type NamedNode } from './terms.ts';
import type { PropertyTerm } from './vocabulary.ts';

/** A value that becomes a literal. */
export type LiteralValue = string | number | boolean | Date | Literal;

/**
 * Makes the literal that a property's range asks for.
 * @throws GraphwrightError `invalid_data` naming the property, the value and what would fit.
 */
export function toLiteral(value: LiteralValue, { iri, range }: PropertyTerm): Literal {
  const datatype = range ?? natural(value);
  const lexical = isLiteral(value) ? value.value : lexicalForm(value);
  const accepts = isLiteral(value) ? sameType(value, datatype) : true;
  if (accepts && fits(lexical, value, datatype))
    return isLiteral(value) ? value : factory.literal(lexical, datatype);
  const name = datatype.value.slice(xsd('').value.length);
  throw new GraphwrightError(
    'invalid_data',
    `Property ${iri.value} needs an xsd:${name}, not ${JSON.stringify(lexical)}; an example is ${examples[name] ?? 'a text'}`,
  );
}

const isLiteral = (value: LiteralValue): value is Literal =>
  typeof value === 'object' && 'termType' in value;

const langString = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#langString';

/** A text in a language fits where a string is asked for. */
const sameType = ({ datatype }: Literal, wanted: NamedNode) =>
  datatype.equals(wanted) || (datatype.value === langString && wanted.equals(xsd('string')));

function natural(value: LiteralValue): NamedNode {
  if (isLiteral(value)) return value.datatype;
  if (typeof value === 'number') return Number.isInteger(value) ? xsd('integer') : xsd('decimal');
  if (typeof value === 'boolean') return xsd('boolean');
  return value instanceof Date ? xsd('dateTime') : xsd('string');
}

function lexicalForm(value: Exclude<LiteralValue, Literal>): string {
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  return typeof value === 'number' ? plain(value) : String(value);
}

/** A number without an exponent where it is exact, as xsd:decimal needs it. */
const plain = (value: number) =>
  Number.isFinite(value) && /e/i.test(String(value))
    ? value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 })
    : String(value);

const patterns: Record<string, RegExp> = {
  integer: /^[+-]?\d+$/,
  decimal: /^[+-]?(\d+(\.\d*)?|\.\d+)$/,
  double: /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/,
  float: /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/,
  boolean: /^(true|false)$/,
};

const examples: Record<string, string> = {
  integer: '12',
  decimal: '12.50',
  double: '0.75',
  float: '0.75',
  boolean: 'true',
  date: '2026-01-31',
  dateTime: '2026-01-31T09:30:00Z',
};

const dates: Record<string, z.ZodType> = {
  date: z.iso.date(),
  dateTime: z.iso.datetime({ offset: true, local: true }),
};

function fits(lexical: string, value: LiteralValue, datatype: NamedNode): boolean {
  if (!lexical.isWellFormed()) return false;
  const name = datatype.value.slice(xsd('').value.length);
  const pattern = patterns[name];
  if (pattern) return !(value instanceof Date) && pattern.test(lexical);
  const date = dates[name];
  if (date) return date.safeParse(lexical).success;
  return typeof value === 'string' || isLiteral(value);
}
