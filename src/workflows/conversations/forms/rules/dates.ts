import type { Component, ParsedResult } from 'chrono-node/en';
import type { Field, Meaning, Verdict } from '../field.ts';
import { firstOf, readingOf, type Reader, type Reading, type ReadingContext } from './reading.ts';

const numeric = /(?<![\d./-])(\d{1,4})(\s?[./-]\s?)(\d{1,2})\2(\d{1,4})(?![\d]|[./-]\d)/;

/** Reads a date in digits. Where day and month could be either, the field's `dateOrder` decides, or the user. */
const readNumericDate: Reader = (text, field, context) => {
  const match = numeric.exec(text);
  if (!match) return undefined;
  const [written, first = '', , second = '', third = ''] = match;
  if (first.length >= 3)
    return readingOf(match, verdictOn(written, [[first, second, third]], 'ask'));
  const year = fullYear(third, field, context.now);
  const { dateOrder = 'ask' } = field;
  const orders: Parts[] = [
    [year, second, first],
    [year, first, second],
  ];
  return readingOf(
    match,
    verdictOn(written, dateOrder === 'mdy' ? orders.toReversed() : orders, dateOrder),
  );
};

type Parts = readonly [year: string, month: string, day: string];

function verdictOn(written: string, ways: readonly Parts[], order: Field['dateOrder']): Verdict {
  const dates = [...new Set(ways.map(isoDate).filter((date) => date !== undefined))];
  const [date, other] = dates;
  if (date === undefined)
    return { kind: 'problem', problem: `There is no day ${written} in the calendar` };
  if (other === undefined || order !== 'ask') return { kind: 'value', value: date };
  return {
    kind: 'meanings',
    question: `What does ${written} mean?`,
    meanings: dates.map((value): Meaning => ({ label: inWords(value), value })),
  };
}

/** A date as ISO 8601 writes it; undefined when the calendar has no such day. */
export function isoDate([year, month, day]: Parts): string | undefined {
  const iso = `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== iso ? undefined : iso;
}

/** A date as people write it: 3 April 1990. */
export const inWords = (date: string): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${date}T00:00:00Z`),
  );

/** Two digits mean the past where the field cannot lie ahead, and else the nearest hundred years. */
function fullYear(digits: string, { max }: Field, now: Date): string {
  if (digits.length > 2) return digits;
  const year = now.getUTCFullYear();
  const latest = max === 'today' ? year : year + 20;
  return String(latest - ((((latest - Number(digits)) % 100) + 100) % 100));
}

/** Reads a date in words by chrono-node: 15 January 1990, tomorrow, next Friday. */
const readDateInWords: Reader = (text, field, context) => {
  const reference = { instant: context.now, timezone: 0 };
  for (const found of context.dates?.casual.parse(text, reference) ?? []) {
    const reading = wordsRead(found, field, context);
    if (reading) return reading;
  }
  return undefined;
};

function wordsRead(
  { start, index, text: written }: ParsedResult,
  field: Field,
  { now, meant }: ReadingContext,
): Reading | undefined {
  const known = (part: Component) => start.isCertain(part);
  const isDay = known('weekday') || (known('day') && known('month'));
  // `now` and `tonight` are said of all sorts of things, and so is a weekday; a date was not asked for.
  if (!isDay || /^(?:right )?now$/i.test(written)) return undefined;
  if (!meant && !/\d|tomorrow/i.test(written)) return undefined;
  const place = { start: index, end: index + written.length };
  if (!known('weekday') && !known('year')) {
    // Without a year `may 5` may be anything, unless a date was asked for.
    if (!meant) return undefined;
    return { kind: 'problem', problem: `Please add the year to ${written.trim()}`, ...place };
  }
  const [year = '', month = '', day = ''] = (['year', 'month', 'day'] as const).map((part) =>
    String(start.get(part)),
  );
  const [, digits] = /(?<!\d)['’]?(\d\d)$/.exec(written.trim()) ?? [];
  const isShort = digits !== undefined && known('year') && year.endsWith(digits);
  const value = isoDate([isShort ? fullYear(digits, field, now) : year, month, day]);
  return value === undefined ? undefined : { kind: 'value', value, ...place };
}

/** What looks like a date in words and is none, such as 31 February 1990. */
const impossible =
  /\b(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?,?\s+(\d{4})\b|\b((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b/i;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const readImpossibleDate: Reader = (text) => {
  const match = impossible.exec(text);
  if (!match) return undefined;
  const [written, dayFirst, monthSecond, yearA, monthFirst, daySecond, yearB] = match;
  const month = months.indexOf((monthSecond ?? monthFirst ?? '').slice(0, 3).toLowerCase()) + 1;
  const date = isoDate([yearA ?? yearB ?? '', String(month), dayFirst ?? daySecond ?? '']);
  if (date !== undefined) return undefined;
  return readingOf(match, {
    kind: 'problem',
    problem: `There is no day ${written} in the calendar`,
  });
};

/** Reads a date. */
export const readDate: Reader = firstOf(readNumericDate, readImpossibleDate, readDateInWords);

/** Reads a date and a time that stand in one text, in either order. */
export const readDateTime =
  (readTime: Reader): Reader =>
  (text, field, context): Reading | undefined => {
    const iso = /(?<!\d)(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)\b/.exec(text);
    if (iso) return readingOf(iso, { kind: 'value', value: `${iso[1]}T${iso[2]}` });
    const date = readDate(text, field, context);
    if (!date || date.kind === 'problem') return date;
    const rest = text.slice(0, date.start) + ' '.repeat(date.end - date.start);
    // chrono-node takes a time after the date along, so all of the text is looked at for it.
    const time =
      readTime(`${rest}${text.slice(date.end)}`, field, context) ??
      inside(text, date, field, context, readTime);
    const span = {
      start: Math.min(date.start, time?.start ?? date.start),
      end: Math.max(date.end, time?.end ?? 0),
    };
    if (!time) {
      if (!context.meant) return undefined;
      return { kind: 'problem', problem: 'Please add the time of day', ...span };
    }
    return { ...joined(date, time), ...span };
  };

function inside(
  text: string,
  { start, end }: Reading,
  field: Field,
  context: ReadingContext,
  readTime: Reader,
) {
  const found = readTime(text.slice(start, end), field, context);
  return found && { ...found, start: found.start + start, end: found.end + start };
}

/** Every date with every time, where either may mean several things. */
function joined(date: Verdict, time: Verdict): Verdict {
  if (date.kind === 'problem') return date;
  if (time.kind === 'problem') return time;
  const dates = meaningsOf(date);
  const times = meaningsOf(time);
  const all = dates.flatMap((day) =>
    times.map((hour) => ({
      label: `${typeof day.value === 'string' ? inWords(day.value) : day.label}, ${hour.label}`,
      value: `${String(day.value)}T${String(hour.value)}`,
    })),
  );
  const [only] = all;
  if (only && all.length === 1) return { kind: 'value', value: only.value };
  return { kind: 'meanings', question: 'Which of these do you mean?', meanings: all };
}

const meaningsOf = (verdict: Exclude<Verdict, { kind: 'problem' }>): readonly Meaning[] =>
  verdict.kind === 'meanings'
    ? verdict.meanings
    : [{ label: String(verdict.value), value: verdict.value }];
