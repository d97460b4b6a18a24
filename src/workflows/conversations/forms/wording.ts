import type { Json, JsonObject } from '../json.ts';
import type { Expectation, Reply } from '../message.ts';
import { isRequired, labelOf, optionsOf, promptOf, type Field, type Meaning } from './field.ts';
import { capital } from './field-schema.ts';
import type { Form } from './form.ts';
import { inWords } from './rules/dates.ts';

/** A value as people read it. */
export function shown(field: Field, value: Json): string {
  if (field.show) return field.show(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (field.type === 'choice')
    return optionsOf(field).find((option) => option.value === text)?.label ?? text;
  if (field.type === 'date') return inWords(text);
  if (field.type === 'datetime') return `${inWords(text.slice(0, 10))}, ${text.slice(11)}`;
  return text === '' ? '(empty)' : text;
}

/** The summary of a form with the question whether it is right. */
export const summary = ({ fields }: Form, values: JsonObject): string =>
  [
    'Please check:',
    ...fields.flatMap((field) => {
      const value = values[field.name];
      return value === undefined ? [] : [`• ${capital(labelOf(field))}: ${shown(field, value)}`];
    }),
    'Is that right? You can also tell me what to change.',
  ].join('\n');

/** The question for a field; from the second time on with the number of the attempt. */
export function question(field: Field, failures: number, attempts: number): string {
  const number = failures === 0 ? '' : `Attempt ${failures + 1} of ${attempts}: `;
  const lines = [`${number}${promptOf(field, failures > 0)}`];
  if (field.type === 'choice') lines.push(numbered(optionsOf(field)));
  if (failures > 0) lines.push(...(field.hints ?? []));
  return lines.join('\n');
}

/** Things to choose from, each with its number. */
export const numbered = (options: readonly Pick<Meaning, 'label'>[]): string =>
  options.map(({ label }, index) => `${index + 1}. ${label}`).join('\n');

/** What a program needs to know of a question for a field. */
export function expectation(field: Field, failures: number): Expectation {
  const { placeholder, hints, custom = false, type } = field;
  const choice = type === 'choice' || type === 'boolean';
  return {
    kind: choice ? 'choice' : 'text',
    field: field.name,
    required: isRequired(field),
    attempt: failures + 1,
    ...(choice && { options: type === 'boolean' ? yesOrNo : optionsOf(field), custom }),
    ...(placeholder !== undefined && { placeholder }),
    ...(hints && { hints }),
  };
}

const yesOrNo = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
];

/** What is wrong, one line for each field. */
export function problemLines(form: Form, problems: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(problems);
  return names.map((name) => {
    const field = form.fields.find((each) => each.name === name);
    const text = problems[name] ?? '';
    const sentence = /[.!?]$/.test(text) ? text : `${text}.`;
    return names.length > 1 && field ? `• ${capital(labelOf(field))}: ${sentence}` : sentence;
  });
}

/** What is said of values that stay as they are. */
export const keptLines = (form: Form, names: readonly string[], values: JsonObject): string[] =>
  form.fields
    .filter(({ name }) => names.includes(name))
    .map((field) => {
      const label = labelOf(field);
      const value = shown(field, values[field.name] ?? null);
      return `I keep ${value} as the ${label}; to change it, say "change the ${label} to ...".`;
    });

/** What the form says, with what it asks for, what it has and what was dropped, for programs. */
export const replyOf = (
  { fields }: Form,
  values: JsonObject,
  lines: readonly string[],
  {
    asked,
    expects,
    notes,
  }: { asked?: string | undefined; expects?: Expectation; notes: readonly string[] },
): Reply => ({
  content: lines.join('\n'),
  ...(expects && { expects }),
  metadata: {
    ...(asked !== undefined && { nextField: asked }),
    fieldsCompleted: fields.map(({ name }) => name).filter((name) => values[name] !== undefined),
    ...(notes.length > 0 && { notes: notes.slice(0, 10) }),
  },
});

/** What is said of an answer to the summary that is neither yes nor no. */
export function unclearLine({ fields }: Form, failures: number, attempts: number): string {
  const [first] = fields;
  const example = first ? `, such as "change the ${labelOf(first)} to ..."` : '';
  return `Attempt ${failures + 1} of ${attempts}: please answer yes, no, or tell me what to change${example}.`;
}

/** What is said of a message in which no answer was found. */
export function unreadLine(field: Field): string {
  const label = labelOf(field);
  return `I could not read ${/^[aeiou]/i.test(label) ? 'an' : 'a'} ${label} from that`;
}
