import type { z } from 'zod';
import type { Json, JsonObject } from '../json.ts';
import type { Option } from '../message.ts';

/** What a field can hold. Dates and times are texts after ISO 8601, a choice is the value of its option. */
export const fieldTypes = [
  'text',
  'integer',
  'decimal',
  'boolean',
  'date',
  'time',
  'datetime',
  'choice',
  'email',
  'phone',
  'name',
  'place',
] as const;
export type FieldType = (typeof fieldTypes)[number];

/** One thing that a form asks for. */
export interface Field {
  /** The key of the value: a letter, then letters, digits and underscores. */
  readonly name: string;
  readonly type: FieldType;
  /** How people call it; the name in words by default: `birthDate` is the birth date. */
  readonly label?: string;
  /** More words by which people call it: `birthday`, `date of birth`. */
  readonly aliases?: readonly string[];
  /** Whether the form needs it; true by default. */
  readonly required?: boolean;
  /** The question. */
  readonly prompt?: string;
  /** The question when the answer before was none; the prompt by default. */
  readonly reprompt?: string;
  readonly placeholder?: string;
  readonly hints?: readonly string[];
  /** What is said to a question about it when nobody else answers it. */
  readonly help?: string;
  /** The least and the greatest value: a number, or a date or time as it is kept; `today` for a date. */
  readonly min?: number | string;
  readonly max?: number | string;
  /** How many characters. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression for the whole text, of those that cannot be made to run for long. */
  readonly pattern?: string;
  /** Of a choice: a text makes its own value, `Two rooms` is `two_rooms`. */
  readonly options?: readonly (Option | string)[];
  /** Of a choice: whether an answer that is none of the options is taken as it is. */
  readonly custom?: boolean;
  /** What 3/4/1990 means: the 3rd of April, the 4th of March, or a question back, which is the default. */
  readonly dateOrder?: 'dmy' | 'mdy' | 'ask';
  /** Whether a question is an answer; true by default for a text and false for anything else. */
  readonly takesQuestions?: boolean;
  /** What the value must be besides. */
  readonly schema?: z.ZodType<Json>;
  /** Looks at a value that is otherwise good, and may ask outside systems. */
  readonly check?: FieldCheck;
  /** The value in the words of the summary. */
  readonly show?: (value: Json) => string;
}

/** What a check sees besides the value. */
export interface CheckContext {
  /** What the form has besides. */
  readonly values: JsonObject;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** What a check finds: a value, perhaps another one; what is wrong with it; or several things it may mean. */
export type Verdict =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'meanings'; readonly question: string; readonly meanings: readonly Meaning[] };

/** One of several things an answer may mean. */
export interface Meaning {
  readonly label: string;
  readonly value: Json;
}

export type FieldCheck = (value: Json, context: CheckContext) => Verdict | Promise<Verdict>;

/** Whether the form needs it. */
export const isRequired = ({ required = true }: Field): boolean => required;

/** How people call a field. */
export const labelOf = ({ label, name }: Pick<Field, 'label' | 'name'>): string =>
  label ??
  name
    .replaceAll('_', ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();

/** The options of a choice, each with its value. */
export const optionsOf = ({ options = [] }: Pick<Field, 'options'>): readonly Option[] =>
  options.map((option) =>
    typeof option === 'string' ? { value: slugOf(option), label: option } : option,
  );

/** A text as a value: lower case, words joined by underscores. */
export const slugOf = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');

/** The question for a field. */
export const promptOf = (field: Field, again = false): string =>
  (again ? field.reprompt : undefined) ?? field.prompt ?? `What is the ${labelOf(field)}?`;
