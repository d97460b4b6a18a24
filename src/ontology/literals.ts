import { z } from 'zod';
import { GraphwrightError } from '../errors.ts';
import { factory, rdf, rdfs, xsd, type Literal, type NamedNode } from './terms.ts';
import type { PropertyTerm } from './vocabulary.ts';

/** A value that becomes a literal. */
export type LiteralValue = string | number | boolean | Date | Literal;

/**
 * Makes the literal that a property's range asks for.
 * @throws GraphwrightError `invalid_data` naming the property, the value and what would fit.
 */
export function toLiteral(value: LiteralValue, { iri, range }: PropertyTerm): Literal {
  if (!isValue(value)) throw unfit(iri, range ?? xsd('string'), value);
  const datatype = !range || range.value === anyLiteral ? natural(value) : range;
  const lexical = isLiteral(value) ? value.value : lexicalForm(value, datatype);
  const accepts = isLiteral(value) ? sameType(value, datatype) : true;
  if (!accepts || !fits(lexical, value, datatype)) throw unfit(iri, datatype, lexical);
  return isLiteral(value) ? value : factory.literal(lexical, datatype);
}

function unfit(property: NamedNode, { value }: NamedNode, given: unknown): GraphwrightError {
  const known = value.startsWith(xsd('').value);
  const name = known ? value.slice(xsd('').value.length) : value;
  const wanted = known ? `xsd:${name}` : `<${name}>`;
  return new GraphwrightError(
    'invalid_data',
    `Property ${property.value} needs an ${wanted}, not ${JSON.stringify(given)}; an example is ${examples[name] ?? 'a text'}`,
  );
}

/** Types keep null and other terms out; callers without types are told. */
const isValue = (value: LiteralValue) =>
  typeof value !== 'object' || value instanceof Date || value?.termType === 'Literal';

const isLiteral = (value: LiteralValue): value is Literal =>
  typeof value === 'object' && 'termType' in value;

const langString = rdf('langString').value;
const anyLiteral = rdfs('Literal').value;

/** A text in a language fits where a string is asked for. */
const sameType = ({ datatype }: Literal, wanted: NamedNode) =>
  datatype.equals(wanted) || (datatype.value === langString && wanted.equals(xsd('string')));

function natural(value: LiteralValue): NamedNode {
  if (isLiteral(value)) return value.datatype;
  if (typeof value === 'number') return Number.isInteger(value) ? xsd('integer') : xsd('decimal');
  if (typeof value === 'boolean') return xsd('boolean');
  return value instanceof Date ? xsd('dateTime') : xsd('string');
}

function lexicalForm(value: Exclude<LiteralValue, Literal>, datatype: NamedNode): string {
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  const exponents = datatype.equals(xsd('double')) || datatype.equals(xsd('float'));
  return typeof value === 'number' && !exponents ? decimalForm(value) : String(value);
}

/** A number without an exponent and with all of its digits, as xsd:decimal needs it. */
export function decimalForm(value: number): string {
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value));
  if (!parts) return String(value);
  const [, sign = '', whole = '', fraction = '', power] = parts;
  const digits = whole + fraction;
  return Number(power) < 0
    ? `${sign}0.${digits.padStart(digits.length - Number(power) - 1, '0')}`
    : sign + digits.padEnd(Number(power) + 1, '0');
}

const patterns: Record<string, RegExp> = {
  integer: /^[+-]?\d+$/,
  nonNegativeInteger: /^(\+?\d+|-0+)$/,
  positiveInteger: /^\+?0*[1-9]\d*$/,
  decimal: /^[+-]?(\d+(\.\d*)?|\.\d+)$/,
  double: /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/,
  float: /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/,
  boolean: /^(true|false)$/,
};

const examples: Record<string, string> = {
  integer: '12',
  nonNegativeInteger: '12',
  positiveInteger: '12',
  decimal: '12.50',
  double: '0.75',
  float: '0.75',
  boolean: 'true',
  date: '2026-01-31',
  dateTime: '2026-01-31T09:30:00Z',
};

const dates: Record<string, z.ZodType> = {
  date: z.iso.date(),
  // Zod lets any offset through; those of XML Schema end at 14 hours.
  dateTime: z.iso
    .datetime({ offset: true, local: true })
    .regex(/(T[^+-]*|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)$/),
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
