import { readingOf, type Reader } from './reading.ts';

const units =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

const small = new Map<string, number>([
  ...units.map((word, value): [string, number] => [word, value]),
  ...tens.map((word, index): [string, number] => [word, (index + 2) * 10]),
  ['fourty', 40],
  ['none', 0],
  ['couple', 2],
  ['dozen', 12],
]);
const scales = new Map([
  ['hundred', 100],
  ['thousand', 1000],
  ['million', 1_000_000],
]);
const word = [...small.keys(), ...scales.keys()].toSorted((a, b) => b.length - a.length).join('|');
const inWords = new RegExp(
  String.raw`\b(?:(minus|negative)\s+)?((?:${word})(?:(?:\s+and\s+|[\s-]+)(?:${word})){0,12})(?:\s+point((?:\s+(?:${units.slice(0, 10).join('|')})){1,10}))?\b`,
  'i',
);
const inDigits =
  /(?<![\w.,])([+\u2212-]?)(\d{1,3}(?:[,'’\s]\d{3}){1,4}(?:\.\d{1,15})?|\d{1,15}(?:[.,]\d{1,15})?)(\s*(?:k|thousand|m|million)\b)?(?![\w]|[.,]\d)/i;

/** Reads a number, in digits (1,500 and 2.5 and 2,5) or in English words (twenty-five, two hundred and five). */
export const readNumber: Reader = (text) => {
  const digits = inDigits.exec(text);
  const words = inWords.exec(text);
  if (digits && (!words || digits.index <= words.index)) {
    const [, sign, number = '', scale = ''] = digits;
    const size = { k: 1000, m: 1_000_000 }[scale.trim().charAt(0).toLowerCase()];
    const factor = size ?? scales.get(scale.trim().toLowerCase()) ?? 1;
    const value = Number(plain(number)) * factor;
    return readingOf(digits, { kind: 'value', value: sign && sign !== '+' ? -value : value });
  }
  if (!words) return undefined;
  const [, minus, whole = '', decimals = ''] = words;
  const fraction = decimals.trim().split(/\s+/).filter(Boolean);
  const value = Number(
    `${valueOfWords(whole)}.${fraction.map((each) => units.indexOf(each.toLowerCase())).join('') || '0'}`,
  );
  return readingOf(words, { kind: 'value', value: minus ? -value : value });
};

/** Digits with separators as JavaScript reads them: a comma before three digits groups, another one is a point. */
function plain(number: string): string {
  const grouped = /^\d{1,3}(?:[,'’\s]\d{3})+(?:\.\d+)?$/.test(number);
  return grouped ? number.replaceAll(/[,'’\s]/g, '') : number.replace(',', '.');
}

function valueOfWords(words: string): number {
  let total = 0;
  let part = 0;
  for (const each of words.toLowerCase().split(/[\s-]+/)) {
    const scale = scales.get(each);
    if (scale === undefined) part += small.get(each) ?? 0;
    else if (scale === 100) part = Math.max(part, 1) * scale;
    else {
      total += Math.max(part, 1) * scale;
      part = 0;
    }
  }
  return total + part;
}
