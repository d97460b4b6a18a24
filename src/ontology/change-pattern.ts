import type { Quad } from '@rdfjs/types';
import type { Change, ChangePattern } from './store.ts';

/** The places of a statement that a pattern can name. */
export const places = ['subject', 'predicate', 'object', 'graph'] as const;

/** The part of a change that fits a pattern; undefined when nothing does. */
export function matching(
  { position, at, ...change }: Change,
  pattern: ChangePattern,
): Change | undefined {
  const { kind } = pattern;
  const removed = kind === 'insert' ? [] : change.removed.filter(fits(pattern));
  const inserted = kind === 'remove' ? [] : change.inserted.filter(fits(pattern));
  if (removed.length + inserted.length === 0) return undefined;
  return { position, at, removed, inserted };
}

const fits = (pattern: ChangePattern) => (quad: Quad) =>
  places.every((place) => !pattern[place] || pattern[place].equals(quad[place]));
