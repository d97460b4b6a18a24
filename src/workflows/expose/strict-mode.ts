import { GraphwrightError } from '../../errors.ts';
import { types } from './coerce.ts';
import type { JsonSchema } from './schemas.ts';

/** What is left as it is: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas. */
const kept = new Set([
  'type',
  'description',
  'enum',
  'const',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
]);

const formats = new Set(
  'date-time time date duration email hostname ipv4 ipv6 uuid'.split(' ') as unknown[],
);

/**
 * A schema as OpenAI's strict mode takes it: every property is required, one that may be left out takes
 * null instead, objects are closed, and what strict mode does not know is left for the workflow to check.
 * @throws GraphwrightError `invalid_configuration` for an object of any keys, or a value of any type, which
 * strict mode cannot say.
 */
export function strictSchema(schema: JsonSchema, pointer = ''): JsonSchema {
  const { properties, items, format, default: standard, required = [] } = schema;
  const choices = schema.anyOf ?? schema.oneOf;
  const strict: JsonSchema = Object.fromEntries(
    Object.entries(schema).filter(([key]) => kept.has(key)),
  );
  if (formats.has(format)) strict['format'] = format;
  if (standard !== undefined)
    strict.description =
      `${schema.description ?? ''} Null means ${JSON.stringify(standard)}.`.trim();
  if (choices) strict.anyOf = sayable(choices, pointer);
  else if (isOpen(schema)) throw inexpressible(pointer);
  if (items) strict.items = strictSchema(items, `${pointer}/items`);
  if (!properties) return strict;
  return {
    ...strict,
    required: Object.keys(properties),
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, property]) => {
        const inner = strictSchema(property, `${pointer}/${key}`);
        return [key, required.includes(key) ? inner : nullable(inner)];
      }),
    ),
  };
}

/** The alternatives that strict mode can say; where it can say none, the first one tells why. */
function sayable(choices: readonly JsonSchema[], pointer: string): JsonSchema[] {
  const said = choices.filter(
    (choice) => !isOpen(choice) && !(choice.items && isOpen(choice.items)),
  );
  const wanted = said.length > 0 ? said : choices;
  return wanted.map((choice) => strictSchema(choice, pointer));
}

/**
 * Leaves out what a model gave as null because {@link strictSchema} made it say something.
 * @param schema The one that the strict one was made from.
 */
export function withoutNulls(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value))
    return schema.items ? value.map((item) => withoutNulls(schema.items!, item)) : value;
  if (typeof value !== 'object' || value === null) return value;
  const { properties, required = [] } =
    (schema.anyOf ?? schema.oneOf)?.find((choice) => choice.properties) ?? schema;
  const entries = Object.entries(value).flatMap(([key, given]): [string, unknown][] => {
    const property = properties?.[key];
    if (!property) return [[key, given]];
    const isAbsent = given === null && !required.includes(key) && !types(property).includes('null');
    return isAbsent ? [] : [[key, withoutNulls(property, given)]];
  });
  return Object.fromEntries(entries);
}

/** Whether a value may have keys, items or types that nobody named. */
function isOpen(schema: JsonSchema): boolean {
  const allowed = types(schema);
  if (allowed.includes('array') && !schema.items) return true;
  if (allowed.includes('object') && (!schema.properties || isRecord(schema))) return true;
  return allowed.length === 0;
}

const isRecord = ({ additionalProperties }: JsonSchema) =>
  typeof additionalProperties === 'object' || additionalProperties === true;

function nullable(schema: JsonSchema): JsonSchema {
  if (types(schema).includes('null')) return schema;
  const { description, ...rest } = schema;
  return { ...(description && { description }), anyOf: [rest, { type: 'null' }] };
}

const inexpressible = (pointer: string) =>
  new GraphwrightError(
    'invalid_configuration',
    `OpenAI's strict mode has no values of any shape, as ${pointer || 'the parameters'} takes; name its properties, or leave strict out`,
  );
