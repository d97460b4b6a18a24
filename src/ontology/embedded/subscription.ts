import type { Quad, Term } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import type { Change, ChangeListener, ChangePattern, SubscribeOptions } from '../store.ts';
import type { Feed, RowFilter } from './feed.ts';

/** Calls the listener with what fits the pattern, one change after the other, until the function it returns is called. */
export function subscribe(
  feed: Feed,
  pattern: ChangePattern,
  { listener, after, onError }: SubscribeOptions & { after: number; listener: ChangeListener },
): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  const listen = async () => {
    for await (const change of feed.changes({ after, signal }, mention(pattern))) {
      const fitting = matching(change, pattern);
      if (fitting && !signal.aborted) await listener(fitting);
    }
  };
  listen().catch((thrown: unknown) => {
    if (signal.aborted) return;
    const error = GraphwrightError.from(thrown);
    // Without anybody to tell, it must not pass in silence.
    if (!onError) throw error;
    onError(error);
  });
  return () => leaving.abort();
}

function matching({ position, at, ...change }: Change, pattern: ChangePattern): Change | undefined {
  const { kind } = pattern;
  const removed = kind === 'insert' ? [] : change.removed.filter(fits(pattern));
  const inserted = kind === 'remove' ? [] : change.inserted.filter(fits(pattern));
  if (removed.length + inserted.length === 0) return undefined;
  return { position, at, removed, inserted };
}

const places = ['subject', 'predicate', 'object', 'graph'] as const;

const fits = (pattern: ChangePattern) => (quad: Quad) =>
  places.every((place) => !pattern[place] || pattern[place].equals(quad[place]));

/** Whether a line names the pattern's IRIs at all; most do not, and need not be parsed. */
function mention(pattern: ChangePattern): RowFilter {
  const named = places.flatMap((place) => {
    const term: Term | undefined = pattern[place];
    return term?.termType === 'NamedNode' ? [`<${term.value}>`] : [];
  });
  return (line) => named.every((name) => line.includes(name));
}
