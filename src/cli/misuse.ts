import { GraphwrightError } from '../errors.ts';

/** What Commander says of a typing mistake, as an error like every other. */
export function misuse(words: string): GraphwrightError {
  const message = words
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ');
  return new GraphwrightError('invalid_parameters', message);
}
