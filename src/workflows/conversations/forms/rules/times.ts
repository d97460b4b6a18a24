import { firstOf, readingOf, type Reader } from './reading.ts';

const hours = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];
const hourPattern = String.raw`\d{1,2}|${hours.slice(1).join('|')}`;
const halfPattern = String.raw`(?:\s*([ap])\.?\s?m\b\.?|\s+(?:in\s+the\s+)?(morning|afternoon|evening)\b|\s+at\s+(night)\b)`;

/** 14:30, 2.30 pm, 14h30, 9:05:30. */
const onTheClock = new RegExp(
  String.raw`(?<![\d:.,/-])(\d{1,2})(?::|h|\.(?=\d\d\s*[ap]\.?\s?m\b))([0-9]{2})(?::(\d\d))?${halfPattern}?(?![\d:]|[./-]\d)`,
  'i',
);
/** 2 pm, five o'clock, eleven in the morning. */
const fullHour = new RegExp(
  String.raw`(?<![\d:.,/-])\b(${hourPattern})(?:\s+o['’]?\s?clock(?:${halfPattern})?|${halfPattern})`,
  'i',
);
const named = /\b(noon|midday|midnight)\b/i;
/** half past two, quarter to five, ten past nine. */
const spoken = new RegExp(
  String.raw`\b(half|quarter|five|ten|twenty|twenty[\s-]five|\d{1,2}\s+minutes?)\s+(past|to|after|before)\s+(${hourPattern})(?:\s+o['’]?\s?clock)?${halfPattern}?(?!\d|[./-]\d)`,
  'i',
);

const readClock: Reader = (text) => {
  const match = onTheClock.exec(text);
  if (!match) return undefined;
  const [written, h = '', m = '', s, ...halves] = match;
  return readingOf(match, verdict(written, Number(h), Number(m), s, halfOf(halves), true));
};

const readFullHour: Reader = (text) => {
  const match = fullHour.exec(text);
  if (!match) return undefined;
  const [written, h = '', ...halves] = match;
  return readingOf(match, verdict(written, hourOf(h), 0, undefined, halfOf(halves), false));
};

const readNamed: Reader = (text) => {
  const match = named.exec(text);
  if (!match) return undefined;
  const value = match[1]?.toLowerCase() === 'midnight' ? '00:00' : '12:00';
  return readingOf(match, { kind: 'value', value });
};

const readSpoken: Reader = (text) => {
  const match = spoken.exec(text);
  if (!match) return undefined;
  const [written, minutes = '', relation = '', h = '', ...halves] = match;
  const before = /to|before/i.test(relation);
  const count = minutesOf(minutes.toLowerCase());
  const full = hourOf(h);
  const ofTwelve = before ? (full + 23) % 24 || 24 : full;
  return readingOf(
    match,
    verdict(written, ofTwelve, before ? 60 - count : count, undefined, halfOf(halves), false),
  );
};

/** A bare number of hours counts only where a time was asked for. */
const readBareHour: Reader = (text, _field, { meant }) => {
  const match = meant ? /^\s*(?:at\s+|around\s+|about\s+)?(\d{1,2})\s*\.?\s*$/i.exec(text) : null;
  if (!match) return undefined;
  return readingOf(match, verdict(match[1]!, Number(match[1]), 0, undefined, undefined, false));
};

/** Reads a time of day, by 24 hours or with am and pm. One to twelve o'clock without either is asked back. */
export const readTime: Reader = firstOf(
  readClock,
  readSpoken,
  readFullHour,
  readNamed,
  readBareHour,
);

function verdict(
  written: string,
  hour: number,
  minute: number,
  second: string | undefined,
  half: 'am' | 'pm' | undefined,
  clock: boolean,
) {
  const impossible = hour > 24 || minute > 59 || Number(second ?? 0) > 59 || (hour === 24 && clock);
  if (impossible || (half !== undefined && clock && hour === 0 && half === 'pm'))
    return { kind: 'problem', problem: `There is no time ${written.trim()} on the clock` } as const;
  const rest = `:${pad(minute)}${second === undefined ? '' : `:${second}`}`;
  const at = (full: number) => `${pad(full % 24)}${rest}`;
  if (half === undefined && !clock && hour >= 1 && hour <= 12)
    return {
      kind: 'meanings',
      question: `Is ${written.trim()} in the morning or in the afternoon?`,
      meanings: [at(hour % 12), at((hour % 12) + 12)].map((value) => ({ label: value, value })),
    } as const;
  const full = half === undefined || hour > 12 ? hour : (hour % 12) + (half === 'pm' ? 12 : 0);
  return { kind: 'value', value: at(full) } as const;
}

const pad = (value: number) => String(value).padStart(2, '0');

const hourOf = (text: string) =>
  /^\d/.test(text) ? Number(text) : hours.indexOf(text.toLowerCase());

function minutesOf(text: string): number {
  if (text === 'half') return 30;
  if (text === 'quarter') return 15;
  if (/^\d/.test(text)) return Number.parseInt(text, 10);
  return { five: 5, ten: 10, twenty: 20 }[text] ?? 25;
}

function halfOf(halves: readonly (string | undefined)[]): 'am' | 'pm' | undefined {
  const said = halves.find((each) => each !== undefined)?.toLowerCase();
  if (said === undefined) return undefined;
  return said.startsWith('a') && said !== 'afternoon' ? 'am' : said === 'morning' ? 'am' : 'pm';
}
