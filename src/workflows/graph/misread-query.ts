import { GraphwrightError } from '../../errors.ts';
import { suggest } from '../../nearest.ts';
import type { GraphTerms } from './graph-terms.ts';

/** Why the parser does not understand a query, so that a model can mend it: a prefix with those there are, or the place. */
export function misreadQuery(thrown: unknown, { prefixes }: GraphTerms): GraphwrightError {
  const { message } = GraphwrightError.from(thrown);
  const prefix = /^Unknown prefix: (.*)$/.exec(message)?.[1];
  return invalid(prefix === undefined ? placeOf(message) : unknownPrefix(prefix), thrown);

  function unknownPrefix(name: string): string {
    const [first, second] = prefixes.namespacesOf(name);
    if (second !== undefined)
      return `The prefix ${name}: may mean <${first}> or <${second}>; declare it with PREFIX`;
    const near = suggest(name, prefixes.names);
    return `The prefix ${name}: is not known; ${near} Known without PREFIX: ${prefixes.names.map((known) => `${known}:`).join(' ')}`;
  }
}

const placeOf = (message: string): string =>
  message.replace(/^Parse error on line (\d+):\s*(.*)$/s, 'Line $1 cannot be read beyond: $2');

const invalid = (detail: string, cause: unknown) =>
  new GraphwrightError('invalid_query', detail, {
    problems: [{ pointer: '/query', detail }],
    cause,
  });
