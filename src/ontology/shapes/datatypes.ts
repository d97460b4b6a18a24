/** The datatypes of XML Schema that RDF knows, and which texts are well-formed in them (RDF 1.1 Concepts, 5.1). */
const xsd = 'http://www.w3.org/2001/XMLSchema#';

type Check = (text: string) => boolean;

const matches =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text);

const integer = /^[+-]?\d+$/;

/** An integer from one bound to another; without one, there is none. */
function between(least?: bigint, most?: bigint): Check {
  return (text) => {
    if (!integer.test(text)) return false;
    // Those without bounds are the most common by far.
    if (least === undefined && most === undefined) return true;
    const value = BigInt(text.replace('+', ''));
    return (least === undefined || value >= least) && (most === undefined || value <= most);
  };
}

const signed = (bits: bigint) => between(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n);
const unsigned = (bits: bigint) => between(0n, 2n ** bits - 1n);

const zone = String.raw`(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?`;
const year = String.raw`-?(?:[1-9]\d{3,}|0\d{3})`;
const month = String.raw`(?:0[1-9]|1[0-2])`;
const day = String.raw`(?:0[1-9]|[12]\d|3[01])`;
const time = String.raw`(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)`;

const whole = (pattern: string) => matches(new RegExp(`^${pattern}$`));

/** Dates that the pattern lets through and the calendar does not: 2026-02-30. */
function dated(pattern: string): Check {
  const check = whole(pattern);
  return (text) => {
    if (!check(text)) return false;
    const [, years, months, days] = /^(-?\d+)-(\d\d)-(\d\d)/.exec(text)!;
    return Number(days) <= lengthOfMonth(Number(years), Number(months));
  };
}

function lengthOfMonth(years: number, months: number): number {
  const leap = years % 4 === 0 && (years % 100 !== 0 || years % 400 === 0);
  if (months === 2) return leap ? 29 : 28;
  return [4, 6, 9, 11].includes(months) ? 30 : 31;
}

const double = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN)$/;

const yearMonth = String.raw`(?:\d+Y)?(?:\d+M)?`;
const dayTime = String.raw`(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?`;

const checks: Readonly<Record<string, Check>> = {
  boolean: matches(/^(?:true|false|1|0)$/),
  decimal: matches(/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/),
  integer: between(),
  long: signed(64n),
  int: signed(32n),
  short: signed(16n),
  byte: signed(8n),
  nonNegativeInteger: between(0n),
  positiveInteger: between(1n),
  nonPositiveInteger: between(undefined, 0n),
  negativeInteger: between(undefined, -1n),
  unsignedLong: unsigned(64n),
  unsignedInt: unsigned(32n),
  unsignedShort: unsigned(16n),
  unsignedByte: unsigned(8n),
  double: matches(double),
  float: matches(double),
  date: dated(`${year}-${month}-${day}${zone}`),
  dateTime: dated(`${year}-${month}-${day}T${time}${zone}`),
  dateTimeStamp: dated(`${year}-${month}-${day}T${time}${zone.slice(0, -1)}`),
  time: whole(`${time}${zone}`),
  gYear: whole(`${year}${zone}`),
  gYearMonth: whole(`${year}-${month}${zone}`),
  gMonth: whole(`--${month}${zone}`),
  gMonthDay: whole(`--${month}-${day}${zone}`),
  gDay: whole(`---${day}${zone}`),
  duration: whole(`-?P(?=\\d|T)${yearMonth}${dayTime}`),
  yearMonthDuration: whole(`-?P(?=\\d)${yearMonth}`),
  dayTimeDuration: whole(`-?P(?=\\d|T)${dayTime}`),
  hexBinary: matches(/^(?:[\da-fA-F]{2})*$/),
  base64Binary: matches(
    /^(?:(?:[A-Za-z\d+/] ?){4})*(?:(?:[A-Za-z\d+/] ?){2}(?:= ?=|[A-Za-z\d+/] ?=))?$/,
  ),
  language: matches(/^[A-Za-z]{1,8}(?:-[A-Za-z\d]{1,8})*$/),
  normalizedString: matches(/^[^\t\n\r]*$/),
  token: matches(/^(?:[^\s]+(?: [^\s]+)*)?$/),
};

/** Whether a text is in the lexical space of a datatype; of a datatype that is not known, any is. */
export function wellFormed(text: string, datatype: string): boolean {
  if (!datatype.startsWith(xsd)) return true;
  return checks[datatype.slice(xsd.length)]?.(text) ?? true;
}

/** Whether a datatype's every text is well-formed, so that none needs to be looked at. */
export const takesAnyText = (datatype: string): boolean =>
  !datatype.startsWith(xsd) || checks[datatype.slice(xsd.length)] === undefined;
