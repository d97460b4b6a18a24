import type * as Chrono from 'chrono-node/en';
import type { Field, Verdict } from '../field.ts';

/** What was read of a text, and from where to where it stands there. */
export type Reading = Verdict & { readonly start: number; readonly end: number };

/** What readers know besides the text. */
export interface ReadingContext {
  readonly now: Date;
  /** Whether the text is about this field alone: the field was asked for, or named. */
  readonly meant: boolean;
  /** What reads dates in words; absent when no field of the form is a date. */
  readonly dates?: typeof Chrono;
}

/** Finds the value of a field in a text; undefined when there is none. */
export type Reader = (text: string, field: Field, context: ReadingContext) => Reading | undefined;

/** A reading of what a regular expression matched. */
export const readingOf = (match: RegExpExecArray, verdict: Verdict): Reading => ({
  ...verdict,
  start: match.index,
  end: match.index + match[0].length,
});

/** The first of several ways to read a text that finds something. */
export const firstOf =
  (...readers: readonly Reader[]): Reader =>
  (text, field, context) => {
    for (const read of readers) {
      const found = read(text, field, context);
      if (found) return found;
    }
    return undefined;
  };

/** As many blanks in place of what was read already, so that nothing else is read of it. */
export const blanked = (text: string, { start, end }: Pick<Reading, 'start' | 'end'>): string =>
  text.slice(0, start) + ' '.repeat(end - start) + text.slice(end);

/** A reading without its place. */
export function verdictOf(reading: Reading): Verdict {
  const { start: _start, end: _end, ...verdict } = reading;
  return verdict;
}
