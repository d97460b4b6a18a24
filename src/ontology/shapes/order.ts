import { wellFormed } from './datatypes.ts';
import { literalParts, type TermText } from './term-text.ts';

const xsd = 'http://www.w3.org/2001/XMLSchema#';

/**
 * How two literals compare, as SPARQL's `<` has it: below zero, zero, or above; nothing where they
 * cannot be compared, as a date with a time zone and one without.
 */
export const compare = (left: TermText, right: TermText): number | undefined =>
  compareValues(valueOf(left), valueOf(right));

/** See {@link compare}. */
export function compareValues(a: Value | undefined, b: Value | undefined): number | undefined {
  if (!a || !b || a.kind !== b.kind) return undefined;
  if (a.kind === 'number' && b.kind === 'number') return numbers(a, b);
  if (a.kind === 'text' && b.kind === 'text') return codepoints(a.text, b.text);
  if (a.kind === 'moment' && b.kind === 'moment') return moments(a, b);
  return undefined;
}

/** What a literal stands for, as far as it can be compared. */
export type Value = NumberValue | { kind: 'text'; text: string } | Moment;

interface NumberValue {
  kind: 'number';
  double: number;
  /** The digits of a datatype that has more of them than a double. */
  digits?: string;
}

interface Moment {
  kind: 'moment';
  type: string;
  /** As if in UTC where it names no time zone. */
  milliseconds: number;
  /** The digits of the seconds' fraction. */
  rest: string;
  zoned: boolean;
}

/** The value of a literal; nothing for what cannot be compared. */
export function valueOf(text: TermText): Value | undefined {
  const parts = literalParts(text);
  if (!parts || parts.language || !parts.datatype.startsWith(xsd)) return undefined;
  const { value, datatype } = parts;
  if (!wellFormed(value, datatype)) return undefined;
  const name = datatype.slice(xsd.length);
  if (name === 'string') return { kind: 'text', text: value };
  if (name === 'boolean') return number(value === 'true' || value === '1' ? 1 : 0);
  if (name === 'double' || name === 'float') return number(toDouble(value));
  if (name === 'decimal' || exactTypes.test(name))
    return { kind: 'number', double: Number(value), digits: value };
  return name === 'date' || name.startsWith('dateTime') || name === 'time'
    ? moment(value, name.replace('Stamp', ''))
    : undefined;
}

const exactTypes = /^(?:\w*[iI]nteger|long|int|short|byte|unsigned\w+)$/;

const number = (double: number): NumberValue => ({ kind: 'number', double });

const toDouble = (text: string): number => Number(text.replace('INF', 'Infinity'));

/** Doubles are rounded in order, so that digits matter only between equal ones. */
function numbers(a: NumberValue, b: NumberValue): number | undefined {
  if (Number.isNaN(a.double) || Number.isNaN(b.double)) return undefined;
  const order = sign(a.double, b.double);
  if (order !== 0 || a.digits === undefined || b.digits === undefined) return order;
  return a.digits === b.digits ? 0 : compareDigits(a.digits, b.digits);
}

function compareDigits(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.replace('+', '').split('.'));
  const scale = Math.max(left![1]?.length ?? 0, right![1]?.length ?? 0);
  const whole = ([digits = '', fraction = '']: string[]) =>
    BigInt(digits + fraction.padEnd(scale, '0'));
  return sign(whole(left!), whole(right!));
}

const sign = <Ordered extends number | bigint | string>(a: Ordered, b: Ordered): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** JavaScript compares code units, which puts surrogate pairs before some characters below them. */
function codepoints(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [[...a], [...b]];
  const index = left.findIndex((character, at) => character !== right[at]);
  if (index < 0) return -1;
  return right[index] === undefined
    ? 1
    : sign(left[index]!.codePointAt(0)!, right[index].codePointAt(0)!);
}

const parts =
  /^(?:(-?\d+)-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?$/;

function moment(text: string, type: string): Moment {
  const [, years = '1970', months = '1', days = '1', hours = '0', minutes = '0', ...end] =
    parts.exec(text)!;
  const [seconds = '0', fraction = '', zone] = end;
  const at = new Date(0);
  at.setUTCFullYear(Number(years), Number(months) - 1, Number(days));
  at.setUTCHours(Number(hours), Number(minutes), Number(seconds));
  return {
    kind: 'moment',
    type,
    milliseconds: at.getTime() - offset(zone),
    rest: fraction.replace(/0+$/, ''),
    zoned: zone !== undefined,
  };
}

function offset(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const [hours, minutes] = zone.slice(1).split(':').map(Number);
  return (zone.startsWith('-') ? -1 : 1) * (hours! * 60 + minutes!) * 60_000;
}

/** Time zones go from -14:00 to +14:00: what is further apart than that is in order without one. */
const farthest = 14 * 3_600_000;

function moments(a: Moment, b: Moment): number | undefined {
  if (a.type !== b.type) return undefined;
  const apart = Math.abs(a.milliseconds - b.milliseconds);
  if (a.zoned !== b.zoned && apart <= farthest) return undefined;
  return sign(a.milliseconds, b.milliseconds) || sign(a.rest, b.rest);
}
