import type { FieldType } from '../field.ts';
import { readChoice } from './choices.ts';
import { readDate, readDateTime } from './dates.ts';
import { readNumber } from './numbers.ts';
import type { Reader } from './reading.ts';
import { readTime } from './times.ts';
import { readBoolean, readEmail, readName, readPhone, readPlace, readText } from './words.ts';

/** How each type of field is read. */
export const readers: Readonly<Record<FieldType, Reader>> = {
  text: readText,
  integer: readNumber,
  decimal: readNumber,
  boolean: readBoolean,
  date: readDate,
  time: readTime,
  datetime: readDateTime(readTime),
  choice: readChoice,
  email: readEmail,
  phone: readPhone,
  name: readName,
  place: readPlace,
};

/**
 * The types whose values are found among other words without being asked for, the surest first; times before
 * dates, as a date in words takes the time beside it along.
 */
export const spotted: readonly FieldType[] = [
  'email',
  'datetime',
  'time',
  'date',
  'phone',
  'name',
  'place',
  'choice',
];
