import { z } from 'zod';
import { decimalForm } from '../../ontology/literals.ts';
import { factory, iri, xsd, type Literal, type NamedNode } from '../../ontology/terms.ts';

/** The types that an argument may have, and the datatype of the literal that each becomes. */
export const datatypes = {
  string: xsd('string'),
  integer: xsd('integer'),
  decimal: xsd('decimal'),
  boolean: xsd('boolean'),
  date: xsd('date'),
  dateTime: xsd('dateTime'),
  /** Becomes an IRI, which has no datatype. */
  iri: undefined,
} as const;

export type ArgumentType = keyof typeof datatypes;

/** What a caller may or must give to a query template. */
export interface Argument {
  /** The name of its variable, without the question mark. */
  name: string;
  description: string;
  type: ArgumentType;
  /** The only texts that it may be. */
  values?: readonly string[];
  /** The least and the greatest number; of a string, of its characters. */
  least?: number;
  most?: number;
  /** What its IRI begins with. */
  beginning?: string;
  isOptional: boolean;
  isList: boolean;
  /** What it is when the caller leaves it out. */
  default?: unknown;
}

/** A query must stay far below 64 KiB. */
const longestText = 1_000;
const longestList = 100;

/** What a caller gives for an argument, as a schema that tools, routes and commands show. */
export function argumentSchema(argument: Argument): z.ZodType {
  const one = itemSchema(argument);
  const given = argument.isList
    ? z
        .array(one)
        .min(1, 'An empty list finds nothing; leave it out, or give at least one')
        .max(longestList)
    : one;
  const described = given.describe(argument.description);
  if (argument.default !== undefined) return described.default(argument.default as never);
  return argument.isOptional ? described.optional() : described;
}

function itemSchema(argument: Argument): z.ZodType {
  const { type, values, least, most } = argument;
  if (values) return z.enum(values as [string, ...string[]]);
  switch (type) {
    case 'string':
      return text(least ?? 0, most ?? longestText);
    case 'integer':
      return between(z.number().int(), least, most);
    case 'decimal':
      return between(z.number(), least, most);
    case 'boolean':
      return z.boolean();
    case 'date':
      return dated(z.iso.date(), 'date', '2026-01-31');
    case 'dateTime':
      return dated(z.iso.datetime({ offset: true }), 'date-time', '2026-01-31T09:30:00Z');
    case 'iri':
      return absoluteIri(argument);
  }
}

const text = (least: number, most: number) =>
  z
    .string()
    .min(least)
    .max(most)
    .refine((value) => value.isWellFormed(), 'Expected text without half of a surrogate pair');

function between(number: z.ZodNumber, least?: number, most?: number): z.ZodNumber {
  const from = least === undefined ? number : number.min(least);
  return most === undefined ? from : from.max(most);
}

/** The format alone, as the pattern that zod writes for it costs a model a hundred tokens. */
const dated = (schema: z.ZodType, format: string, example: string) =>
  z
    .string()
    .refine((value) => schema.safeParse(value).success, `Expected a ${format}, such as ${example}`)
    .meta({ format });

const schemes = ['http', 'https', 'urn'];

function absoluteIri({ beginning }: Argument): z.ZodType {
  const hint = beginning
    ? `Expected an IRI that begins with ${beginning}`
    : `Expected an absolute IRI of one of the schemes ${schemes.join(', ')}`;
  return z
    .string()
    .max(2_000)
    .refine((value) => isIri(value) && begins(value, beginning), hint)
    .meta({ format: 'iri' });
}

const begins = (value: string, beginning: string | undefined) =>
  beginning === undefined
    ? schemes.includes(value.slice(0, value.indexOf(':')).toLowerCase())
    : value.startsWith(beginning);

/** Whether a text is an absolute IRI. */
export function isIri(value: string): boolean {
  try {
    return iri(value).value.isWellFormed();
  } catch {
    return false;
  }
}

/** The terms of what a caller gave and the schema let through: one, or those of a list. */
export const termsOf = (argument: Argument, given: unknown): (Literal | NamedNode)[] =>
  [given].flat().map((value) => termOf(argument, value));

function termOf({ type }: Argument, value: unknown): Literal | NamedNode {
  const datatype = datatypes[type];
  if (!datatype) return iri(String(value));
  return factory.literal(typeof value === 'number' ? decimalForm(value) : String(value), datatype);
}
