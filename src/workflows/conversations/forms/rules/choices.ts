import { nearest } from '../../../../nearest.ts';
import type { Option } from '../../message.ts';
import { labelOf, optionsOf, slugOf, type Meaning } from '../field.ts';
import { readNumber } from './numbers.ts';
import type { Reader } from './reading.ts';

const ordinals = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
];

/** Reads one of a choice's options: by its value or text, its number, a part of it, or near spelling. */
export const readChoice: Reader = (text, field, context) => {
  const whole = { start: 0, end: text.length };
  const found = context.meant ? chosen(text, optionsOf(field)) : mentioned(text, optionsOf(field));
  const [only, other] = found;
  if (only && other === undefined) return { kind: 'value', value: only.value, ...whole };
  if (only)
    return {
      kind: 'meanings',
      question: `Which ${labelOf(field)} do you mean?`,
      meanings: found.map(({ label, value }): Meaning => ({ label, value })),
      ...whole,
    };
  if (!context.meant || !field.custom) return undefined;
  return { kind: 'value', value: text.trim(), ...whole };
};

/** The options that an answer may mean; the surest way of reading it decides. */
export function chosen(text: string, options: readonly Option[]): readonly Option[] {
  const said = slugOf(text);
  const same = options.filter(
    ({ value, label }) => slugOf(label) === said || slugOf(value) === said,
  );
  if (same.length > 0) return same;
  const numbered = /^\s*(?:the )?last(?: (?:one|option))?[\s.!]*$/i.test(text)
    ? options.at(-1)
    : options[numberOf(text) - 1];
  if (numbered) return [numbered];
  if (said === '') return [];
  const begun = options.filter(({ label }) => slugOf(label).startsWith(`${said}_`));
  if (begun.length > 0) return begun;
  const within = mentioned(text, options);
  if (within.length > 0) return within;
  const words = new Set(said.split('_').filter((word) => word.length > 2 && !filler.has(word)));
  const shares = options.filter(({ label }) =>
    [...words].every((word) => slugOf(label).split('_').includes(word)),
  );
  if (words.size > 0 && shares.length > 0) return shares;
  const near = nearest(
    said,
    options.flatMap(({ value, label }) => [slugOf(value), slugOf(label)]),
  );
  return options.filter(({ value, label }) => slugOf(value) === near || slugOf(label) === near);
}

/** The options whose whole text stands in the answer; of two, one within the other, the longer. */
function mentioned(text: string, options: readonly Option[]): readonly Option[] {
  const said = `_${slugOf(text)}_`;
  const whole = options.filter(
    ({ value, label }) =>
      said.includes(`_${slugOf(label)}_`) || said.includes(`_${slugOf(value)}_`),
  );
  return whole.filter(
    ({ label }) =>
      !whole.some((other) => other.label !== label && slugOf(other.label).includes(slugOf(label))),
  );
}

const filler = new Set([
  'the',
  'one',
  'please',
  'option',
  'number',
  'take',
  'want',
  'would',
  'like',
]);

function numberOf(text: string): number {
  const match =
    /^\s*(?:option|number|no\.?|#|the)?\s*(?:(\d{1,3})(?:st|nd|rd|th)?|([a-z]+))(?:\s+(?:one|option))?[\s.)!]*$/i.exec(
      text,
    );
  if (!match) return 0;
  const [, digits, word = ''] = match;
  if (digits !== undefined) return Number(digits);
  const ordinal = ordinals.indexOf(word.toLowerCase()) + 1;
  if (ordinal > 0) return ordinal;
  const number = readNumber(
    word,
    { name: 'n', type: 'integer' },
    { now: new Date(0), meant: true },
  );
  return number?.kind === 'value' && Number.isInteger(number.value) ? Number(number.value) : 0;
}
